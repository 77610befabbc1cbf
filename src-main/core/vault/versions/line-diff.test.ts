import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type DiffPiece, diffLines } from './line-diff.ts';

const text = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 });
const older = (pieces: readonly DiffPiece[]) => pieces.flatMap(({ kind, lines }) => (kind === 'added' ? [] : lines));
const newer = (pieces: readonly DiffPiece[]) => pieces.flatMap(({ kind, lines }) => (kind === 'removed' ? [] : lines));
const edits = (pieces: readonly DiffPiece[]) =>
  pieces.reduce((sum, { kind, lines }) => sum + (kind === 'same' ? 0 : lines.length), 0);

/** Length of the longest common subsequence, by the plain table. */
function common(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    for (const [j, other] of b.entries()) {
      next.push(line === other ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

it('leads from one text to the other by the fewest lines', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      const pieces = diffLines(a, b);
      expect(older(pieces)).toEqual(a);
      expect(newer(pieces)).toEqual(b);
      expect(edits(pieces)).toBe(a.length + b.length - 2 * common(a, b));
      let [from, to] = [0, 0];
      for (const { kind, lines, ...at } of pieces) {
        expect(at).toEqual({ from, to });
        if (kind !== 'added') from += lines.length;
        if (kind !== 'removed') to += lines.length;
      }
    }),
    { numRuns: 1000 },
  );
});

it('stays within its bound where texts have little in common', () => {
  fc.assert(
    fc.property(text, text, fc.nat(5), (a, b, most) => {
      const pieces = diffLines(a, b, most);
      expect(older(pieces)).toEqual(a);
      expect(newer(pieces)).toEqual(b);
    }),
  );
  const many = (word: string) => Array.from({ length: 50_000 }, (_, i) => `${word} ${i}`);
  expect(diffLines(many('a'), many('b'))).toHaveLength(2);
});
