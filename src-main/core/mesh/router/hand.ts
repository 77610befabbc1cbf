/**
 * Goes around a collection, one step a call, wherever it was left: to begin at the first each time would be to pass all that were
 * deleted before it, which a `Set` or `Map` keeps a while.
 *
 * A hand that rests has to be let go. While an iterator stands in a collection, the engine keeps every table that the collection has
 * outgrown since: 40 bytes for each element that came and went.
 */
export interface Hand<T> {
  /** The next element of this collection; it may begin anew. @returns null when there is none */
  next(all: Keyed<T>): T | null;
  letGo(): void;
}

/** A `Set`, or a `Map` by its keys. */
export interface Keyed<T> {
  keys(): Iterator<T, undefined>;
}

export function createHand<T>(): Hand<T> {
  let of: Keyed<T> | null = null;
  let at: Iterator<T, undefined> | null = null;
  return {
    next(all) {
      if (of !== all || at === null) {
        of = all;
        at = all.keys();
      }
      let step = at.next();
      if (step.done === true) {
        at = all.keys();
        step = at.next();
      }
      return step.done === true ? null : step.value;
    },
    letGo() {
      of = null;
      at = null;
    },
  };
}
