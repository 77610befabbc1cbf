import type { ReactNode } from 'react';

/** One setting: its name and what it means at the start, its control at the end. */
export function Row({ label, hint, children }: { label: string; hint?: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2 border-b border-line py-3 last:border-b-0">
      <div className="min-w-0 grow basis-64">
        <p className="text-sm font-medium">{label}</p>
        {hint && <div className="text-sm text-ink-soft">{hint}</div>}
      </div>
      <div className="flex max-w-full min-w-0 items-center gap-2">{children}</div>
    </div>
  );
}
