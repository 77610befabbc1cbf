import { useEffect, useRef } from 'react';
import { useUi } from './ui.ts';

/**
 * Open a page's dialog when the palette asked for its method: `useWanted('vault.makeFolder', () => setOpen(true))`.
 * Works whether the page was already there or came because of it.
 */
export function useWanted(method: string, open: () => void): void {
  const wanted = useUi((s) => s.wanted);
  const want = useUi((s) => s.want);
  const latest = useRef(open);
  latest.current = open;
  useEffect(() => {
    if (wanted !== method) return;
    want(null);
    latest.current();
  }, [wanted, want, method]);
}
