import { Search } from 'lucide-react';
import type { ReactNode } from 'react';

/** Where the palette is typed into: the same before and after the rest of it has come. */
export const fieldLook = 'h-12 w-full bg-transparent text-base outline-none';

export function PaletteField({ children }: { children: ReactNode }) {
  return (
    <div className="flex items-center gap-3 border-b border-line px-4">
      <Search aria-hidden className="size-4 shrink-0 text-ink-soft" strokeWidth={1.75} />
      {children}
    </div>
  );
}
