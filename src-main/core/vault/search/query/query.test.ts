import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeSpan } from './dates.ts';
import { parseQuery } from './parse.ts';
import { makeSnippet } from './snippet.ts';
import { isOfType } from './types.ts';

const now = new Date(2026, 10, 23, 12).getTime();
const parse = (text: string, typing = false) => parseQuery(text, now, typing);
const clauses = (text: string, typing = false) =>
  parse(text, typing).all.map(({ clause }) => [clause?.terms.map(({ term }) => term).join(' '), clause?.prefix]);

describe('a query', () => {
  it('is words, phrases, beginnings and what to leave out', () => {
    expect(clauses('annual "profit and loss" repor*')).toEqual([
      ['annual', false],
      ['profit and loss', false],
      ['repor', true],
    ]);
    expect(parse('a -b -"c d"').none.map(({ inName }) => inName)).toEqual(['b', 'c d']);
    expect(clauses('“smart quotes” stay')).toEqual([
      ['smart quotes', false],
      ['stay', false],
    ]);
    expect(clauses('foo-bar')).toEqual([['foo bar', false]]);
    expect(clauses('"open phrase')).toEqual([['open phrase', false]]);
  });

  it('takes the last word for a beginning only while somebody types it', () => {
    expect(clauses('one tw', true)).toEqual([
      ['one', false],
      ['tw', true],
    ]);
    expect(clauses('one tw ', true).at(-1)).toEqual(['tw', false]);
    expect(clauses('"one tw"', true)).toEqual([['one tw', false]]);
  });

  it('has filters; what makes no sense as one is words', () => {
    expect(parse('name:Plan type:.PDF in:"/my folder" -in:old -type:image x').filters).toMatchObject({
      names: ['plan'],
      types: ['pdf'],
      notTypes: ['image'],
      folders: ['/my folder'],
      notFolders: ['old'],
    });
    expect(clauses('before:soon http://x')).toEqual([
      ['before soon', false],
      ['http x', false],
    ]);
    const { from, to } = parse('after:2026-11-01 before:2026-11-20').filters;
    expect([from, to]).toEqual([new Date(2026, 10, 1).getTime(), new Date(2026, 10, 20).getTime()]);
    expect(parse('on:2026-02').filters).toMatchObject({
      from: new Date(2026, 1, 1).getTime(),
      to: new Date(2026, 2, 1).getTime(),
    });
  });

  it('knows dates, and what is none', () => {
    expect(timeSpan('today', now)?.from).toBe(new Date(2026, 10, 23).getTime());
    expect(timeSpan('yesterday', now)?.to).toBe(new Date(2026, 10, 23).getTime());
    expect(timeSpan('7d', now)?.from).toBe(now - 7 * 86_400_000);
    for (const text of ['2026-13', '2026-02-30', '', 'x', '26', '99999d']) expect(timeSpan(text, now)).toBeNull();
  });

  it('is never wrong', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 8 }),
      fc.constantFrom('"', '-', '*', ':', ' ', 'in:', 'before:', 'type:', 'name:', 'on:', '\\'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.boolean(), (pieces, typing) => {
        const { all, none } = parse(pieces.join(''), typing);
        expect(all.length + none.length).toBeLessThanOrEqual(12);
        for (const { inName, clause } of [...all, ...none]) expect(inName !== '' || clause !== null).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a snippet', () => {
  const find = (text: string) => parse(text).all.flatMap(({ clause }) => clause ?? []);

  it('is around where most of it stands together', () => {
    const passage = `${'filler words here. '.repeat(30)}the red fox met a blue owl. ${'more of the same. '.repeat(30)}`;
    const { text, marks } = makeSnippet(passage, find('fox owl'));
    expect(text.startsWith('… ')).toBe(true);
    expect(text.endsWith(' …')).toBe(true);
    expect(marks.map(([s, e]) => text.slice(s, e))).toEqual(['fox', 'owl']);
  });

  it('marks what was found, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 1400 }),
        fc.constantFrom('a', 'the b*', '東'),
        (passage, query) => {
          const { text, marks } = makeSnippet(passage, find(query));
          expect(text.length).toBeLessThanOrEqual(260);
          expect(/[\n\r\t]/.test(text)).toBe(false);
          let before = 0;
          for (const [start, end] of marks) {
            expect(start).toBeGreaterThanOrEqual(before);
            expect(end).toBeGreaterThan(start);
            expect(end).toBeLessThanOrEqual(text.length);
            before = end;
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

it('types are kinds, endings or MIME types', () => {
  const file = (name: string, mime: string) => ({ kind: 'file' as const, name, mime });
  expect(isOfType('image', file('a.JPG', 'image/jpeg'))).toBe(true);
  expect(isOfType('jpg', file('a.JPG', 'image/jpeg'))).toBe(true);
  expect(isOfType('image/png', file('a.JPG', 'image/jpeg'))).toBe(false);
  expect(isOfType('document', file('a.docx', ''))).toBe(true);
  expect(isOfType('constructor', file('a.docx', ''))).toBe(false);
  expect(isOfType('folder', { kind: 'folder', name: 'x', mime: '' })).toBe(true);
});
