import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clean, cutTo, oneLine, padTo, widthOf, wrapTo } from './text.ts';

it('lets no control, direction or line character of a value through', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(oneLine(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      expect(oneLine(text).isWellFormed()).toBe(true);
      expect(clean(text).replaceAll(/[\n\t]/g, '')).not.toMatch(/\p{Cc}/u);
    }),
  );
  expect(oneLine('a\nb\x1b[2Jc\u009b1md')).toBe('a\ufffdb\ufffd[2Jc\ufffd1md');
});

it('lines up by what a terminal shows, and cuts no character in two', () => {
  expect(widthOf('é')).toBe(1);
  expect(widthOf('e\u0301')).toBe(1);
  expect(widthOf('日本')).toBe(4);
  expect(cutTo('日本語', 5)).toBe('日本…');
  expect(padTo('日', 4)).toBe('日  ');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, most) => {
      expect(widthOf(cutTo(text, most))).toBeLessThanOrEqual(most);
      expect(cutTo(text, most).isWellFormed()).toBe(true);
      expect(wrapTo(text, most + 1).join('')).toBe(text);
      for (const piece of wrapTo(text, most + 1)) expect(widthOf(piece)).toBeLessThanOrEqual(most + 1);
    }),
  );
});
