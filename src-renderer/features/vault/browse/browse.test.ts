import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { all, glide, noSelection, pick, type Selection, step } from './selection.ts';
import { createTypeAhead } from './type-ahead.ts';

const idAt = (i: number) => (i >= 0 && i < 10 ? `r${i}` : null);
const ids = (s: Selection) => [...s.ids].sort().join(' ');
const alone = { range: false, toggle: false };

describe('the selection', () => {
  it('takes one row on a click, adds with toggle, widens with range', () => {
    let s = pick(noSelection, 2, alone, idAt);
    expect(ids(s)).toBe('r2');
    s = pick(s, 5, { range: false, toggle: true }, idAt);
    expect(ids(s)).toBe('r2 r5');
    s = pick(s, 7, { range: true, toggle: false }, idAt);
    expect(ids(s)).toBe('r5 r6 r7');
    s = pick(s, 4, { range: true, toggle: false }, idAt);
    expect(ids(s)).toBe('r4 r5');
    s = pick(s, 4, { range: false, toggle: true }, idAt);
    expect(ids(s)).toBe('r5');
  });

  it('goes to the first row with the first arrow key, then moves and stops at the ends', () => {
    let s = step(noSelection, 1, 10, false, idAt);
    expect(ids(s)).toBe('r0');
    s = step(s, 1, 10, false, idAt);
    expect(ids(s)).toBe('r1');
    s = step(s, 99, 10, false, idAt);
    expect(ids(s)).toBe('r9');
    s = step(s, -2, 10, true, idAt);
    expect(ids(s)).toBe('r7 r8 r9');
    expect(ids(step(s, -1, 0, false, idAt))).toBe('');
  });

  it('glides without selecting', () => {
    const s = glide(all(noSelection, ['r1', 'r2']), 3, 10);
    expect([s.cursor, ids(s)]).toEqual([3, 'r1 r2']);
  });

  it('never leaves the list, whatever is pressed', () => {
    const move = fc.record({ by: fc.integer({ min: -20, max: 20 }), extend: fc.boolean() });
    fc.assert(
      fc.property(fc.array(move), fc.integer({ min: 1, max: 10 }), (moves, count) => {
        const at = (i: number) => (i >= 0 && i < count ? `r${i}` : null);
        const end = moves.reduce((s, m) => step(s, m.by, count, m.extend, at), noSelection);
        expect(end.cursor).toBeGreaterThanOrEqual(0);
        expect(end.cursor).toBeLessThan(count);
        for (const id of end.ids) expect(Number(id.slice(1))).toBeLessThan(count);
      }),
    );
  });
});

describe('type-ahead', () => {
  const names = ['Äpfel', 'alpha', 'beta', 'bird', 'bison', null, 'zoo'];
  const nameAt = (i: number) => names[i] ?? null;
  const press = (keys: [string, number][], cursor = 0) => {
    const ahead = createTypeAhead();
    let at = cursor;
    for (const [key, now] of keys) at = ahead.press(key, now, at, names.length, nameAt) ?? at;
    return nameAt(at);
  };

  it('finds by the beginning, whatever the case or accent', () => {
    expect(press([['z', 0]])).toBe('zoo');
    expect(press([['A', 0]], 6)).toBe('Äpfel');
  });

  it('narrows while typing and starts a new word after a pause', () => {
    expect(
      press([
        ['b', 0],
        ['i', 100],
        ['s', 200],
      ]),
    ).toBe('bison');
    expect(
      press([
        ['b', 0],
        ['z', 900],
      ]),
    ).toBe('zoo');
  });

  it('goes round names with the same letter', () => {
    expect(press([['b', 0]])).toBe('beta');
    expect(
      press([
        ['b', 0],
        ['b', 100],
      ]),
    ).toBe('bird');
    expect(
      press([
        ['b', 0],
        ['b', 100],
        ['b', 200],
        ['b', 300],
      ]),
    ).toBe('beta');
  });

  it('stays put when nothing fits, and knows when a space is part of a word', () => {
    expect(press([['q', 0]], 3)).toBe('bird');
    const ahead = createTypeAhead();
    expect(ahead.typing(0)).toBe(false);
    ahead.press('b', 0, 0, names.length, nameAt);
    expect([ahead.typing(100), ahead.typing(2000)]).toEqual([true, false]);
  });
});
