import type { Database } from '#core/store/database.ts';

/** A piece of work on the catalogue that is committed together with others. */
export interface Piece<T> {
  /** Runs in the transaction. What it throws takes all pieces of the group back. */
  apply(): T;
  /** Runs at once after the commit, in order. */
  committed?(result: T): void;
  /** It was taken back: puts in memory back what `apply` did, the last piece of the group first. */
  undo?(): void;
}

export type GroupCommit = ReturnType<typeof createGroupCommit>;

/**
 * Commits what comes in one turn of the loop in one transaction, in the order it came: each commit writes every page it
 * touched, and rows with random ids touch many. What is committed first is durable first.
 */
export function createGroupCommit({ transactionSoon, settled }: Pick<Database, 'transactionSoon' | 'settled'>) {
  interface Waiting {
    apply(): void;
    committed(): void;
    undo(): void;
    reject(error: unknown): void;
  }
  let queue: Waiting[] | null = null;

  const flush = (): void => {
    const batch = queue ?? [];
    queue = null;
    let begun = 0;
    try {
      transactionSoon(() => {
        for (const piece of batch) {
          begun++;
          piece.apply();
        }
      });
    } catch (error) {
      for (const piece of batch.slice(0, begun).reverse()) piece.undo();
      for (const piece of batch) piece.reject(error);
      return;
    }
    for (const piece of batch) piece.committed();
  };

  return {
    /** Resolves when the piece is committed, which is before it is durable: {@link settled} tells that. @throws what a piece threw */
    add<T>({ apply, committed, undo }: Piece<T>): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        let result: { value: T } | null = null;
        if (!queue) {
          queue = [];
          setImmediate(flush);
        }
        queue.push({
          apply: () => {
            result = { value: apply() };
          },
          committed: () => {
            if (!result) return;
            try {
              committed?.(result.value);
              resolve(result.value);
            } catch (error) {
              reject(error);
            }
          },
          undo: () => undo?.(),
          reject,
        });
      });
    },
    /** Resolves when everything committed before the call is durable. */
    settled,
  };
}
