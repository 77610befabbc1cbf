import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freeLabel, freeName, isLabel, labelFor, looksLike } from './petname.ts';
import { safetyNumber } from './safety-number.ts';
import { makeSomeone } from './testing/people.ts';

describe('a label', () => {
  it.each([
    ['Anna', 'anna'],
    ['Jörg Müller', 'jorg-muller'],
    ['Straße 7', 'strasse-7'],
    ["  O'Neill -- Smith!", 'o-neill-smith'],
    ['Łódź', 'lodz'],
    ['анна', 'xn--80aa2ba'],
    ['王小明', 'xn--yeto6u69k'],
    ['🙂', 'contact'],
    ['me', 'contact'],
    ['x'.repeat(64), 'x'.repeat(63)],
    ['xn--nonsense', 'xn-nonsense'],
  ])('of %s is %s', (name, label) => {
    expect(labelFor(name)).toBe(label);
  });

  it('can stand in a host name, whatever the name, and is free', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 64 }), (name) => {
        const label = labelFor(name);
        expect(isLabel(label)).toBe(true);
        const free = freeLabel(label, new Set([label, `${label}-2`]));
        expect(isLabel(free), free).toBe(true);
        expect([label, `${label}-2`]).not.toContain(free);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a name', () => {
  it('looks like another that a person could take it for', () => {
    for (const twin of ['anna', ' ANNA ', 'Аnna', 'Ánna', 'A.n.n.a'])
      expect(looksLike(twin), twin).toBe(looksLike('Anna'));
    for (const [a, b] of [
      ['Bill', 'BiII'],
      ['Corn', 'Com'],
      ['Paypal', 'Раураl'],
      ['Ole', '0le'],
    ] as const)
      expect(looksLike(a), a).toBe(looksLike(b));
    for (const other of ['Anne', 'Hanna', 'Anna B', '🙂']) expect(looksLike(other)).not.toBe(looksLike('Anna'));
    expect(looksLike('🙂')).not.toBe(looksLike('🙁'));
  });

  it('gets a number when it is taken', () => {
    expect(freeName('Anna', new Set())).toBe('Anna');
    expect(freeName('Anna', new Set([looksLike('Anna'), looksLike('Anna (2)')]))).toBe('Anna (3)');
    expect(freeName('🙂'.repeat(32), new Set([looksLike('🙂'.repeat(32))])).length).toBeLessThanOrEqual(64);
  });
});

describe('a safety number', () => {
  const [anna, ben, eve] = [21, 22, 23].map((seed) => makeSomeone('x', seed).log().person);

  it('is the same on both sides, another for every two, and half of it speaks for each', () => {
    if (anna === undefined || ben === undefined || eve === undefined) throw new Error('three people');
    const number = safetyNumber(anna, ben);
    expect(number).toHaveLength(12);
    expect(number.join('')).toMatch(/^\d{60}$/);
    expect(safetyNumber(ben, anna)).toEqual(number);
    expect(safetyNumber(anna, eve)).not.toEqual(number);
    const halves = (a: string[]) => [a.slice(0, 6).join(), a.slice(6).join()];
    expect(halves(safetyNumber(anna, eve)).filter((half) => halves(number).includes(half))).toHaveLength(1);
  });

  it('is fixed for ever', () => {
    const one = `hy1${'a'.repeat(52)}`;
    const two = `hy1${'b'.repeat(51)}a`;
    expect(safetyNumber(one as never, two as never).join(' ')).toMatchInlineSnapshot(
      `"52527 73849 36933 93718 12016 79067 83788 00951 02456 65737 76085 62066"`,
    );
  });
});
