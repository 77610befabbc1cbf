/** How much damage a code survives: L 7 %, M 15 % (ISO/IEC 18004, table 9). A screen is read without any. */
export type Level = 'L' | 'M';

const most = 40;

/** Correction bytes a block, and blocks, by version from 1 on. */
const correction: Record<Level, readonly number[]> = {
  L: [
    7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30, 30,
    30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
  ],
  M: [
    10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  ],
};
const blocks: Record<Level, readonly number[]> = {
  L: [
    1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19,
    20, 21, 22, 24, 25,
  ],
  M: [
    1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33,
    35, 37, 38, 40, 43, 45, 47, 49,
  ],
};

export interface Version {
  readonly number: number;
  /** Modules along each side. */
  readonly size: number;
  readonly blocks: number;
  /** Correction bytes in each block. */
  readonly correction: number;
  /** Bytes for data and correction together. */
  readonly total: number;
  /** Bytes for data. */
  readonly data: number;
}

export function versionOf(number: number, level: Level): Version {
  const count = blocks[level][number - 1] ?? 0;
  const each = correction[level][number - 1] ?? 0;
  const total = Math.floor(freeModules(number) / 8);
  return { number, size: number * 4 + 17, blocks: count, correction: each, total, data: total - count * each };
}

/** The smallest version that holds so many bytes of text; null when none does. */
export function versionFor(bytes: number, level: Level): Version | null {
  for (let number = 1; number <= most; number += 1) {
    const version = versionOf(number, level);
    if (4 + lengthBits(number) + bytes * 8 <= version.data * 8) return version;
  }
  return null;
}

/** Bits that tell the length of bytes. */
export const lengthBits = (number: number): number => (number < 10 ? 8 : 16);

/** Modules that no finder, timing, alignment, format or version pattern takes. */
function freeModules(number: number): number {
  const across = alignmentCount(number);
  const aligned = across === 0 ? 0 : (25 * across - 10) * across - 55;
  return (16 * number + 128) * number + 64 - aligned - (number < 7 ? 0 : 36);
}

const alignmentCount = (number: number) => (number === 1 ? 0 : Math.floor(number / 7) + 2);

/** Where the centres of alignment patterns lie, along either axis (ISO/IEC 18004, annex E). */
export function alignmentAt({ number, size }: Version): number[] {
  const count = alignmentCount(number);
  if (count === 0) return [];
  const step = number === 32 ? 26 : Math.ceil((number * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, i) => size - 7 - (count - 2 - i) * step)];
}
