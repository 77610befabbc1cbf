/** A fixed set of things lent out one at a time; takers wait in order. */
export interface Lender<T> {
  take(): Promise<T>;
  give(thing: T): void;
  free(): number;
  waiting(): number;
}

export function createLender<T>(things: readonly T[], starved: () => void = () => {}): Lender<T> {
  const free = [...things];
  const waiting: ((thing: T) => void)[] = [];
  return {
    take() {
      const thing = free.pop();
      if (thing !== undefined) return Promise.resolve(thing);
      return new Promise((resolve) => {
        waiting.push(resolve);
        starved();
      });
    },
    give(thing) {
      const next = waiting.shift();
      if (next) next(thing);
      else free.push(thing);
    },
    free: () => free.length,
    waiting: () => waiting.length,
  };
}
