/** What is to happen when, in order; of two things at one time the one added first is first, so that a run repeats. */
export interface EventQueue {
  add(at: number, run: () => void): void;
  /** The earliest, if it is due by `until`. */
  take(until: number): { at: number; run: () => void } | null;
  size(): number;
}

interface Entry {
  at: number;
  order: number;
  run: () => void;
}

export function createEventQueue(): EventQueue {
  const heap: Entry[] = [];
  let order = 0;
  const before = (i: number, j: number): boolean => {
    const [a, b] = [heap[i] as Entry, heap[j] as Entry];
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  };
  const swap = (i: number, j: number): void => {
    [heap[i], heap[j]] = [heap[j] as Entry, heap[i] as Entry];
  };
  return {
    add(at, run) {
      heap.push({ at, order: order++, run });
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (!before(i, parent)) break;
        swap(i, parent);
        i = parent;
      }
    },
    take(until) {
      const first = heap[0];
      if (first === undefined || first.at > until) return null;
      const last = heap.pop() as Entry;
      if (heap.length > 0) heap[0] = last;
      for (let i = 0; ; ) {
        const [left, right] = [2 * i + 1, 2 * i + 2];
        let least = i;
        if (left < heap.length && before(left, least)) least = left;
        if (right < heap.length && before(right, least)) least = right;
        if (least === i) break;
        swap(i, least);
        i = least;
      }
      return first;
    },
    size: () => heap.length,
  };
}
