/** Bytes of control in wait over all links: a thousand that ask much and read nothing would have a thousand times what one may. */
export const mostControlOfAll = 64 * 1024 * 1024;

/** Control in wait on one link, as far as the link's connection has it and the system does not. */
export interface Held {
  bytes: number;
  readonly giveUp: () => void;
}

/** Bounds what waits on all links together. When that is passed, the link with the most is given up. */
export interface ControlBound {
  enter(held: Held): void;
  /** The link has so much now. */
  set(held: Held, bytes: number): void;
  leave(held: Held): void;
}

export function createControlBound(most = mostControlOfAll): ControlBound {
  const links = new Set<Held>();
  let total = 0;
  const leave = (held: Held): void => {
    if (links.delete(held)) total -= held.bytes;
  };
  return {
    enter: (held) => void links.add(held),
    set(held, bytes) {
      if (!links.has(held)) return;
      total += bytes - held.bytes;
      held.bytes = bytes;
      while (total > most) {
        const [first, ...others] = links;
        if (first === undefined) return;
        const fullest = others.reduce((a, b) => (b.bytes > a.bytes ? b : a), first);
        // It counts no more from here on, though its connection takes a moment to end.
        leave(fullest);
        fullest.giveUp();
      }
    },
    leave,
  };
}
