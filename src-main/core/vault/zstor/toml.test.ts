import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostToml, parseToml, TomlError, type TomlTable, type TomlValue } from './toml.ts';

const lineOf = (text: string): number => {
  try {
    parseToml(text);
  } catch (error) {
    if (error instanceof TomlError) return error.line;
    throw error;
  }
  return 0;
};
const same = (text: string): unknown => JSON.parse(JSON.stringify(parseToml(text)));

describe('TOML', () => {
  it('is read', () => {
    expect(
      same(
        [
          '# a comment',
          'minimal_shards = 10 # another',
          'big = 1_000',
          'hex = 0xff',
          'negative = -3',
          'yes = true',
          'text = "a \\"b\\" \\u00e9 # no comment"',
          "path = 'C:\\x'",
          'list = [ 1, 2, # comment',
          '  3, ]',
          'point = { x = 1, y.z = "2" }',
          '[meta]',
          'type = "zdb"',
          '[meta.config]',
          '"a key" = 1',
          '[[meta.config.backends]]',
          'address = "[::1]:1"',
          '[[meta.config.backends]]\r',
          'address = "[::1]:2"\r',
          '[[groups]]',
          '[[groups.backends]]',
          'address = "1"',
          '[[groups.backends]]',
          'address = "2"',
          '[[groups]]',
          '[[groups.backends]]',
          'address = "3"',
          '[a.b.c]',
          '[a.b]',
          'x.y = 1',
        ].join('\n'),
      ),
    ).toEqual({
      minimal_shards: 10,
      big: 1000,
      hex: 255,
      negative: -3,
      yes: true,
      text: 'a "b" é # no comment',
      path: 'C:\\x',
      list: [1, 2, 3],
      point: { x: 1, y: { z: '2' } },
      meta: { type: 'zdb', config: { 'a key': 1, backends: [{ address: '[::1]:1' }, { address: '[::1]:2' }] } },
      groups: [{ backends: [{ address: '1' }, { address: '2' }] }, { backends: [{ address: '3' }] }],
      a: { b: { c: {}, x: { y: 1 } } },
    });
    expect(same('')).toEqual({});
    expect(Object.entries(parseToml('__proto__ = 1'))).toEqual([['__proto__', 1]]);
  });

  it.each([
    ['a = 1\na = 2', 2],
    ['a = 1\n\n[a]', 3],
    ['[a]\n[a]', 2],
    ['[a]\nb = 1\n[a.b]', 3],
    ['[[a]]\n[a]', 2],
    ['[a]\n[[a]]', 2],
    ['a = [1]\n[[a]]', 2],
    ['a = {x = 1}\n[a.b]', 2],
    ['a.b = 1\n[a]', 2],
    ['a = 1 b = 2', 1],
    ['\na = "x', 2],
    ['a = """\nx"""', 1],
    ['a = 1.5', 1],
    ['a = 01', 1],
    ['a = 9007199254740993', 1],
    ['a = 1979-05-27', 1],
    ['a = yes', 1],
    ['a =', 1],
    ['= 1', 1],
    ['a = "\\x"', 1],
    ['a = "\\ud800"', 1],
    ['a = {x = 1,}', 1],
    ['a = {x = 1\n}', 1],
    ['[a', 1],
    ['[[a]', 1],
    ['a = [1', 1],
    [`a = ${'['.repeat(1000)}`, 1],
    [`a = ${'{a='.repeat(1000)}`, 1],
    [`${'a.'.repeat(1000)}a = 1`, 1],
    ['# \u0000', 1],
    ['x'.repeat(mostToml + 1), 1],
  ])('that is wrong is refused with its line: %j', (text, line) => {
    expect(lineOf(text)).toBe(line);
  });

  it('never shows a value in what it says', () => {
    for (const text of ['password = sesame', 'password = "sesame', 'password = "sesame" "', 'a = { p = "sesame" p }']) {
      expect(() => parseToml(text)).toThrow(TomlError);
      try {
        parseToml(text);
      } catch (error) {
        expect(String(error)).not.toContain('sesame');
      }
    }
  });

  it('is read back, whatever the texts and keys', () => {
    const leaf = fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger(), fc.boolean());
    const value: fc.Arbitrary<TomlValue> = fc.letrec<{ any: TomlValue }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('any'), { maxKeys: 3 }),
      ),
    })).any;
    const write = (v: TomlValue): string =>
      Array.isArray(v)
        ? `[${v.map(write).join(', ')}]`
        : typeof v === 'object'
          ? `{${Object.entries(v)
              .map(([k, x]) => `${quote(k)} = ${write(x as TomlValue)}`)
              .join(', ')}}`
          : typeof v === 'string'
            ? quote(v)
            : String(v);
    const quote = (text: string): string => JSON.stringify(text).replaceAll('\u007f', '\\u007f');
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), (table: TomlTable) => {
        const text = Object.entries(table)
          .map(([k, v]) => `${quote(k)} = ${write(v)}\n`)
          .join('');
        expect(same(text)).toEqual(JSON.parse(JSON.stringify(table)));
      }),
      { numRuns: 200 },
    );
  });

  it('of any text is a table or an error with a line', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      '[[',
      ']]',
      'a',
      '.',
      '=',
      '"',
      "'",
      '{',
      '}',
      ',',
      '\n',
      ' ',
      '1',
      '#',
      '\\u',
      'true',
    );
    const any = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.array(piece, { maxLength: 40 }).map((list) => list.join('')),
    );
    fc.assert(
      fc.property(any, (text) => {
        expect(lineOf(text)).toBeLessThanOrEqual(text.split('\n').length);
      }),
      { numRuns: 700 },
    );
  });
});
