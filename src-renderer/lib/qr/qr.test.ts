import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeQr } from './encode.ts';
import { correctionOf } from './reed-solomon.ts';
import { alignmentAt, type Level, versionFor, versionOf } from './version.ts';

const drawn = (text: string, level: Level = 'M') => {
  const code = encodeQr(text, level);
  if (code === null) throw new Error('It is too long.');
  const line = (y: number) => Array.from({ length: code.size }, (_, x) => (code.isDark(x, y) ? '#' : '.')).join('');
  return Array.from({ length: code.size }, (_, y) => line(y));
};

describe('QR codes', () => {
  it('correct as the example of ISO/IEC 18004 does (HELLO WORLD, 1-M)', () => {
    const data = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17];
    expect(correctionOf(data, 10)).toEqual([196, 35, 39, 119, 235, 215, 231, 226, 93, 23]);
  });

  it('have the sizes and capacities of the tables', () => {
    expect(versionOf(1, 'M')).toMatchObject({ size: 21, total: 26, data: 16 });
    expect(versionOf(7, 'M')).toMatchObject({ size: 45, total: 196, data: 124, blocks: 4 });
    expect(versionOf(40, 'L')).toMatchObject({ size: 177, total: 3706, data: 2956 });
    expect(alignmentAt(versionOf(1, 'M'))).toEqual([]);
    expect(alignmentAt(versionOf(23, 'M'))).toEqual([6, 30, 54, 78, 102]);
    expect(alignmentAt(versionOf(32, 'M'))).toEqual([6, 34, 60, 86, 112, 138]);
    expect(alignmentAt(versionOf(40, 'M'))).toEqual([6, 30, 58, 86, 114, 142, 170]);
    expect([versionFor(14, 'M')?.number, versionFor(15, 'M')?.number]).toEqual([1, 2]);
    expect([encodeQr('x'.repeat(2331)) === null, encodeQr('x'.repeat(2332)) === null]).toEqual([false, true]);
    expect([encodeQr('x'.repeat(2953), 'L') === null, encodeQr('x'.repeat(2954), 'L') === null]).toEqual([false, true]);
  });

  it('are what other readers read (this one was read by jsQR)', () => {
    expect(drawn('hypha')).toEqual([
      '#######...##..#######',
      '#.....#...##..#.....#',
      '#.###.#.#.....#.###.#',
      '#.###.#.#####.#.###.#',
      '#.###.#.###.#.#.###.#',
      '#.....#.#..#..#.....#',
      '#######.#.#.#.#######',
      '........#.#..........',
      '#.#####..###..#####..',
      '#.#..#.#..#####....##',
      '#.##.###.#..#.##.###.',
      '..#.##.###.####..##..',
      '...##.#.....#..#.#..#',
      '........#.#.#..#..#.#',
      '#######....#.#..#.##.',
      '#.....#.###....#####.',
      '#.###.#.#.##.#..#..#.',
      '#.###.#.#.######.....',
      '#.###.#.##..#.##..#..',
      '#.....#...#####..##..',
      '#######.#...#..#...#.',
    ]);
  });

  it('always show three finders, and never a bare edge', () => {
    const finder = ['#######', '#.....#', '#.###.#', '#.###.#', '#.###.#', '#.....#', '#######'];
    const part = (lines: readonly string[], x: number, y: number) =>
      lines.slice(y, y + 7).map((line) => line.slice(x, x + 7));
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.constantFrom<Level>('L', 'M'), (text, level) => {
        const lines = drawn(text, level);
        const far = lines.length - 7;
        expect([part(lines, 0, 0), part(lines, far, 0), part(lines, 0, far)]).toEqual([finder, finder, finder]);
      }),
      { numRuns: 30 },
    );
  });
});
