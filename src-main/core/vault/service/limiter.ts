/** Runs work with at most `width` pieces under way; the first failure stops what has not begun. */
export function createLimiter(width: number) {
  const running = new Set<Promise<void>>();
  let failed: { error: unknown } | null = null;
  const throwIfFailed = (): void => {
    if (failed) throw failed.error;
  };
  return {
    throwIfFailed,
    /** Resolves when the work has begun. @throws what an earlier piece threw */
    async run(work: () => Promise<void>): Promise<void> {
      while (running.size >= width) await Promise.race(running);
      throwIfFailed();
      const piece = work()
        .catch((error: unknown) => {
          failed ??= { error };
        })
        .finally(() => running.delete(piece));
      running.add(piece);
    },
    async idle(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
