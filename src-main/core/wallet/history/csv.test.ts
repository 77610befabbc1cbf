import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Movement } from '#shared/contract/wallet/movements.ts';
import { csvOf } from './csv.ts';

const movement = (words: string, name: string | null): Movement =>
  ({
    ...{
      id: `0x${'1'.repeat(64)}`,
      hash: `0x${'1'.repeat(64)}`,
      chain: 'eip155:1',
      chainName: 'Main',
      account: `0x${'a'.repeat(40)}`,
    },
    ...{
      at: 1_790_000_000_000,
      direction: 'out',
      token: null,
      note: null,
      state: 'done',
      block: 7,
      fee: null,
      open: false,
    },
    ...{ sum: { units: '5', amount: '0.5', text: '0.5 TFT' }, words },
    other: { address: `0x${'b'.repeat(40)}`, contact: null, name },
  }) as never;

/** As RFC 4180 reads a table. */
function read(csv: string): string[][] {
  const rows: string[][] = [];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    const value = quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"');
    const row = rows.at(-1);
    if (row === undefined) rows.push([value]);
    else row.push(value);
    if (end === '\r\n') rows.push([]);
    if (end === '') break;
  }
  return rows.slice(0, -1);
}

describe('movements as a table', () => {
  it('holds every movement in a row of its own, whatever names and words there are', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.option(fc.string())), { maxLength: 5 }), (all) => {
        const rows = read(csvOf(all.map(([words, name]) => movement(words, name))));
        expect(rows).toHaveLength(all.length + 1);
        for (const row of rows) expect(row).toHaveLength(16);
        for (const [i, [words]] of all.entries())
          expect(rows[i + 1]?.[7]?.replace(/^'/, '')).toBe(words.replace(/^'/, ''));
      }),
    );
  });

  it('is no program for whoever opens it', () => {
    const [, row] = read(csvOf([movement('+1', '=HYPERLINK("http://evil")')]));
    expect(row?.[5]).toBe('\'=HYPERLINK("http://evil")');
    expect(row?.[7]).toBe("'+1");
    expect(row?.slice(0, 4)).toEqual(['2026-09-21T14:13:20.000Z', 'out', '0.5', 'TFT']);
  });
});
