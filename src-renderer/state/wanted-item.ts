import { useEffect, useRef } from 'react';
import { useUi } from './ui.ts';

/** What {@link useUi}'s `want` is given for one item of a folder; null is the vault's top. */
export const itemWish = (folder: string | null, item: string): string => `item:${folder ?? 'root'}:${item}`;

/**
 * Where something wants to be shown that a link or the palette named: called with its id by the page that shows this
 * folder, once the folder is listed. Another folder's page, still there for a moment, leaves the wish alone.
 */
export function useWantedItem(folder: string, listed: boolean, show: (item: string) => void): void {
  const wanted = useUi((s) => s.wanted);
  const want = useUi((s) => s.want);
  const latest = useRef(show);
  latest.current = show;
  const wish = itemWish(folder, '');
  useEffect(() => {
    if (!listed || !wanted?.startsWith(wish)) return;
    want(null);
    latest.current(wanted.slice(wish.length));
  }, [listed, wanted, want, wish]);
}
