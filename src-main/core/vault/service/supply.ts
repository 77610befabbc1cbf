/** Things that are found piece by piece, taken in order by several who come back for more. */
export interface Supply<T> {
  /** Waits until something is there to be looked at. @returns false when there is nothing any more. @throws what finding threw */
  ready(): Promise<boolean>;
  /** The next one, left where it is. */
  peek(): T | undefined;
  take(): T | undefined;
  /** All was found; what is left is there now. */
  ended(): boolean;
  /** Nobody will take any more: finding ends with its next piece. */
  close(): void;
}

/** Finds ahead of those who take, by `ahead` things and the piece that goes past them. */
export function createSupply<T>(
  source: AsyncIterable<readonly T[]>,
  ahead: number,
  onFound: (piece: readonly T[]) => void,
): Supply<T> {
  let queue: T[] = [];
  let head = 0;
  let over: { readonly error: unknown } | null = null;
  let closed = false;
  let arrived: PromiseWithResolvers<void> | null = null;
  let taken: PromiseWithResolvers<void> | null = null;
  const left = (): number => queue.length - head;
  const wake = (): void => {
    arrived?.resolve();
    arrived = null;
  };

  const find = async (): Promise<void> => {
    for await (const piece of source) {
      if (closed) break;
      if (head > 0) queue = queue.slice(head);
      head = 0;
      for (const one of piece) queue.push(one);
      onFound(piece);
      wake();
      while (left() >= ahead && !closed) {
        taken = Promise.withResolvers<void>();
        await taken.promise;
      }
    }
  };
  find().then(
    () => {
      over = { error: null };
      wake();
    },
    (error: unknown) => {
      over = { error };
      wake();
    },
  );

  return {
    async ready() {
      while (left() === 0 && !over) {
        arrived ??= Promise.withResolvers<void>();
        await arrived.promise;
      }
      if (left() > 0) return true;
      if (over?.error) throw over.error;
      return false;
    },
    peek: () => queue[head],
    take() {
      const one = queue[head];
      if (left() > 0) head++;
      if (left() < ahead) {
        taken?.resolve();
        taken = null;
      }
      return one;
    },
    ended: () => over !== null,
    close() {
      closed = true;
      taken?.resolve();
      taken = null;
    },
  };
}
