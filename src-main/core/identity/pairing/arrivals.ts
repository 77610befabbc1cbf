/** Messages that came and were not asked for yet, and whoever asks before one came. */
export interface Arrivals {
  /** A message came, or with null the other side closed; nothing comes after that. */
  take(message: Uint8Array | null): void;
  /** `PairingChannel.receive`. */
  receive(signal: AbortSignal): Promise<Uint8Array | null>;
  readonly ended: boolean;
  /** How many nobody asked for yet. */
  readonly waiting: number;
}

export function createArrivals(): Arrivals {
  const queue: (Uint8Array | null)[] = [];
  let wake: ((message: Uint8Array | null) => void) | null = null;
  let ended = false;
  return {
    take(message) {
      if (ended) return;
      if (message === null) ended = true;
      const asked = wake;
      wake = null;
      if (asked) asked(message);
      else queue.push(message);
    },
    receive(signal) {
      const first = queue.shift();
      if (first !== undefined) return Promise.resolve(first);
      if (ended) return Promise.resolve(null);
      return new Promise((resolve, reject) => {
        const stop = () => {
          wake = null;
          reject(signal.reason as Error);
        };
        if (signal.aborted) return stop();
        signal.addEventListener('abort', stop, { once: true });
        wake = (message) => {
          signal.removeEventListener('abort', stop);
          resolve(message);
        };
      });
    },
    get ended() {
      return ended;
    },
    get waiting() {
      return queue.length;
    },
  };
}
