/** What one who joined a piece of work is told of it. */
export type Progress = (done: number, total: number | null) => void;

interface Running<T> {
  readonly done: Promise<T>;
  readonly stop: AbortController;
  readonly hearers: Set<Progress>;
}

/**
 * Work done once for all who ask for it at the same time. Each may leave by its own signal; the work is stopped when the last one has
 * left, and by no one else.
 */
export function createSharedWork<T>(): {
  has(key: string): boolean;
  run(
    key: string,
    signal: AbortSignal,
    progress: Progress,
    work: (signal: AbortSignal, progress: Progress) => Promise<T>,
  ): Promise<T>;
} {
  const running = new Map<string, Running<T>>();

  function begin(key: string, work: (signal: AbortSignal, progress: Progress) => Promise<T>): Running<T> {
    const stop = new AbortController();
    const hearers = new Set<Progress>();
    const tell: Progress = (done, total) => {
      for (const hear of hearers) hear(done, total);
    };
    const done = work(stop.signal, tell).finally(() => running.delete(key));
    // Whoever is left hears of a failure; with nobody left it is the stop itself.
    done.catch(() => {});
    const begun = { done, stop, hearers };
    running.set(key, begun);
    return begun;
  }

  return {
    has: (key) => running.has(key),
    async run(key, signal, progress, work) {
      signal.throwIfAborted();
      let mine = running.get(key);
      while (mine?.stop.signal.aborted) {
        // Being stopped: its files are still open.
        await mine.done.catch(() => {});
        signal.throwIfAborted();
        mine = running.get(key);
      }
      mine ??= begin(key, work);
      // Each joins with a function of its own, even when two were given the same one.
      const hear: Progress = (done, total) => progress(done, total);
      mine.hearers.add(hear);
      const left = Promise.withResolvers<never>();
      const leave = (): void => left.reject(signal.reason);
      signal.addEventListener('abort', leave, { once: true });
      try {
        return await Promise.race([mine.done, left.promise]);
      } finally {
        signal.removeEventListener('abort', leave);
        mine.hearers.delete(hear);
        if (mine.hearers.size === 0 && signal.aborted) {
          mine.stop.abort(signal.reason);
          await mine.done.catch(() => {});
        }
      }
    },
  };
}
