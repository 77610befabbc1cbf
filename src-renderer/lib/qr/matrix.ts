import { alignmentAt, type Level, type Version } from './version.ts';

/** Modules of a code while it is made: 0 light, 1 dark, and which of them are patterns that hold no data. */
export class Matrix {
  readonly size: number;
  readonly dark: Uint8Array;
  readonly #taken: Uint8Array;

  constructor(version: Version) {
    this.size = version.size;
    this.dark = new Uint8Array(version.size ** 2);
    this.#taken = new Uint8Array(version.size ** 2);
    this.#patterns(version);
  }

  isDark(x: number, y: number): boolean {
    return this.dark[y * this.size + x] === 1;
  }

  #pattern(x: number, y: number, dark: boolean): void {
    if (x < 0 || y < 0 || x >= this.size || y >= this.size) return;
    this.dark[y * this.size + x] = dark ? 1 : 0;
    this.#taken[y * this.size + x] = 1;
  }

  #patterns(version: Version): void {
    const { size } = this;
    for (let i = 0; i < size; i += 1) {
      this.#pattern(6, i, i % 2 === 0);
      this.#pattern(i, 6, i % 2 === 0);
    }
    const rings = (cx: number, cy: number, reach: number, light: readonly number[]) => {
      for (let dy = -reach; dy <= reach; dy += 1) {
        for (let dx = -reach; dx <= reach; dx += 1) {
          this.#pattern(cx + dx, cy + dy, !light.includes(Math.max(Math.abs(dx), Math.abs(dy))));
        }
      }
    };
    for (const [x, y] of [
      [3, 3],
      [size - 4, 3],
      [3, size - 4],
    ] as const) {
      rings(x, y, 4, [2, 4]);
    }
    const at = alignmentAt(version);
    const last = at.length - 1;
    for (const [i, x] of at.entries()) {
      for (const [j, y] of at.entries()) {
        const corner = (i === 0 && j === 0) || (i === 0 && j === last) || (i === last && j === 0);
        if (!corner) rings(x, y, 2, [1]);
      }
    }
    this.format('M', 0);
    this.#versionBits(version.number);
  }

  /** Level and mask, BCH-coded, twice (ISO/IEC 18004, 7.9). */
  format(level: Level, mask: number): void {
    const data = ((level === 'L' ? 1 : 0) << 3) | mask;
    let rest = data;
    for (let i = 0; i < 10; i += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537);
    const bits = ((data << 10) | rest) ^ 0x5412;
    const bit = (i: number) => ((bits >>> i) & 1) === 1;
    const { size } = this;
    for (let i = 0; i < 15; i += 1) {
      // Along the upper left finder, going round the timing patterns.
      if (i < 8) this.#pattern(8, i < 6 ? i : i + 1, bit(i));
      else this.#pattern(i === 8 ? 7 : 14 - i, 8, bit(i));
      // Beside the two others.
      if (i < 8) this.#pattern(size - 1 - i, 8, bit(i));
      else this.#pattern(8, size - 15 + i, bit(i));
    }
    this.#pattern(8, size - 8, true);
  }

  /** From version 7 on, twice (7.10). */
  #versionBits(number: number): void {
    if (number < 7) return;
    let rest = number;
    for (let i = 0; i < 12; i += 1) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25);
    const bits = (number << 12) | rest;
    for (let i = 0; i < 18; i += 1) {
      const dark = ((bits >>> i) & 1) === 1;
      const far = this.size - 11 + (i % 3);
      const near = Math.floor(i / 3);
      this.#pattern(far, near, dark);
      this.#pattern(near, far, dark);
    }
  }

  /** Lay the bytes out in pairs of columns, from the lower right corner up and down (7.7.3). */
  lay(bytes: readonly number[]): void {
    const { size } = this;
    let at = 0;
    for (let right = size - 1; right >= 1; right -= 2) {
      const column = right <= 6 ? right - 1 : right;
      const up = ((column + 1) & 2) === 0;
      for (let step = 0; step < size; step += 1) {
        const y = up ? size - 1 - step : step;
        for (const x of [column, column - 1]) {
          const index = y * size + x;
          if (this.#taken[index] === 1 || at >= bytes.length * 8) continue;
          this.dark[index] = ((bytes[at >>> 3] ?? 0) >>> (7 - (at & 7))) & 1;
          at += 1;
        }
      }
    }
  }

  /** Turn over what one of the eight masks covers; a second time undoes it (7.8.2). */
  mask(which: number): void {
    const { size } = this;
    const covers = masks[which];
    for (let y = 0; covers && y < size; y += 1) {
      for (let x = 0; x < size; x += 1) {
        const index = y * size + x;
        if (this.#taken[index] !== 1 && covers(x, y)) this.dark[index] = (this.dark[index] ?? 0) ^ 1;
      }
    }
  }
}

const masks: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

export const maskCount = masks.length;
