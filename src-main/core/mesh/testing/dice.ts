/** Random numbers from a seed, for models and tests (mulberry32, public domain, by Tommy Ettinger). Never for keys. */
export interface Dice {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, n). */
  below(n: number): number;
  bytes(n: number): Uint8Array;
  pick<T>(from: readonly T[]): T;
}

export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const below = (n: number): number => Math.floor(next() * n);
  return {
    next,
    below,
    bytes: (n) => Uint8Array.from({ length: n }, () => below(256)),
    pick: (from) => from[below(from.length)] as (typeof from)[number],
  };
}
