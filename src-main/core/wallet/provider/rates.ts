import type { Host } from '#core/host.ts';

/** Questions that a page may ask at once, and a second after that: what reads a lot still gets through, a loop does not. */
const burst = 200;
const perSecond = 20;
/** Pages that are remembered; of all those beyond nobody is let in faster for being forgotten. */
const mostPages = 500;

/** How fast each page may ask. */
export function createRates(host: Pick<Host, 'now'>) {
  const pages = new Map<string, { left: number; at: number }>();
  return {
    take(page: string): boolean {
      const now = host.now();
      const known = pages.get(page) ?? { left: pages.size >= mostPages ? 1 : burst, at: now };
      // A clock that was set back gives nothing and takes nothing.
      const left = Math.min(burst, known.left + (Math.max(0, now - known.at) / 1_000) * perSecond);
      pages.delete(page);
      pages.set(page, { left: Math.max(0, left - 1), at: now });
      for (const oldest of pages.keys()) {
        if (pages.size <= mostPages) break;
        pages.delete(oldest);
      }
      return left >= 1;
    },
  };
}
