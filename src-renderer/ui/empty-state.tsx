import type { ReactNode } from 'react';
import { HyphaDrawing } from './hypha-drawing.tsx';

/** One sentence, one action, perhaps one link: never a blank table. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-[420px] flex-col items-center px-4 py-14 text-center">
      <HyphaDrawing className="mb-5 w-28 text-accent" />
      <p className="text-lg font-semibold">{title}</p>
      {children && <div className="mt-1 text-base text-ink-soft">{children}</div>}
      {action && <div className="mt-5 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}
