import { expect, it } from 'vitest';
import { rowsOf } from './diff-rows.ts';

it('numbers lines as each text does, and says how many common ones are not shown', () => {
  const rows = rowsOf([
    { kind: 'same', from: 10, to: 10, lines: ['x'] },
    { kind: 'removed', from: 11, to: 11, lines: ['old'] },
    { kind: 'added', from: 12, to: 11, lines: ['new', 'newer'] },
    { kind: 'same', from: 12, to: 13, lines: ['y'] },
    { kind: 'same', from: 20, to: 21, lines: ['z'] },
  ]);
  expect(rows.map((row) => (row.kind === 'gap' ? row.lines : [row.kind, row.from, row.to, row.text]))).toEqual([
    10,
    ['same', 11, 11, 'x'],
    ['removed', 12, null, 'old'],
    ['added', null, 12, 'new'],
    ['added', null, 13, 'newer'],
    ['same', 13, 14, 'y'],
    7,
    ['same', 21, 22, 'z'],
  ]);
  expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
});
