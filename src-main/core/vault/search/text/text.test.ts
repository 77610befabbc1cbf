import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldText } from './fold.ts';
import { passageEnds } from './passages.ts';
import { eachToken, longestTerm, queryTerms } from './tokens.ts';

const tokens = (text: string) => {
  const all: [string, string][] = [];
  eachToken(text, (term, start, end) => void all.push([term, text.slice(start, end)]));
  return all;
};
const terms = (text: string) => tokens(text).map(([term]) => term);

describe('the terms of a text', () => {
  it('are words without case, accents and signs, and where they stand', () => {
    expect(tokens('Crème-brûlée, 2×!')).toEqual([
      ['creme', 'Crème'],
      ['brulee', 'brûlée'],
      ['2', '2'],
    ]);
    expect(terms('STRASSE Straße ſtraße')).toEqual(['strasse', 'strasse', 'strasse']);
    expect(terms('Øre Łódź Þór Æon ﬁn Ｗｉｄｅ ½')).toEqual(['ore', 'lodz', 'thor', 'aeon', 'fin', 'wide', '12']);
    expect(terms('İstanbul ISTANBUL ΣΊΣΥΦΟΣ σίσυφος')).toEqual(['istanbul', 'istanbul', 'σισυφοσ', 'σισυφοσ']);
    expect(terms('foo_bar.baz@x1')).toEqual(['foo', 'bar', 'baz', 'x1']);
    expect(terms('co\u00adoperate e\u0301te')).toEqual(['cooperate', 'ete']);
    expect(terms('Дім їжак')).toEqual(['дім', 'їжак'].map((word) => foldText(word)));
  });

  it('are pairs of characters where words are not parted, and the last by itself', () => {
    expect(tokens('東京都a')).toEqual([
      ['東京', '東京'],
      ['京都', '京都'],
      ['都', '都'],
      ['a', 'a'],
    ]);
    expect(terms('한국어')).toEqual(['한국', '국어', '어']);
    expect(queryTerms('東京都 ist')).toEqual([
      { term: '東京', at: 0, prefix: false },
      { term: '京都', at: 1, prefix: false },
      { term: 'ist', at: 3, prefix: false },
    ]);
    expect(queryTerms('都')).toEqual([{ term: '都', at: 0, prefix: true }]);
  });

  it('are the same however a text is composed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(terms(text.normalize('NFD').normalize('NFC'))).toEqual(terms(text.normalize('NFC')));
      }),
    );
  });

  it('are found by a query for any one of them; never empty, never too long, in order', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        let before = 0;
        eachToken(text, (term, start, end) => {
          expect(term.length).toBeGreaterThan(0);
          expect(term.length).toBeLessThanOrEqual(longestTerm);
          expect(term.isWellFormed()).toBe(true);
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(text.length);
          before = start;
        });
        for (const [term, source] of tokens(text.normalize('NFC')))
          expect(queryTerms(source).map((one) => one.term)).toContain(term);
      }),
      { numRuns: 500 },
    );
  });
});

describe('passages', () => {
  it('cover the text, are of bounded length and do not cut words', () => {
    const word = fc.stringMatching(/^[a-z]{1,12}$/);
    const gap = fc.constantFrom(' ', '. ', '\n', '\n\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(word, gap), { maxLength: 2000 }), (parts) => {
        const text = parts.flat().join('');
        const ends = passageEnds(text);
        let start = 0;
        for (const end of ends) {
          expect(end - start).toBeGreaterThan(0);
          expect(end - start).toBeLessThanOrEqual(1400);
          start = end;
        }
        expect(start).toBe(text.length);
        const whole = ends.flatMap((end, i) => terms(text.slice(ends[i - 1] ?? 0, end)));
        expect(whole).toEqual(terms(text));
      }),
      { numRuns: 30 },
    );
  });

  it('never part a character', () => {
    const text = '𝒳'.repeat(3000);
    for (const end of passageEnds(text)) expect(text.slice(0, end).isWellFormed()).toBe(true);
  });
});
