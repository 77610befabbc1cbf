import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCodedUrl, readDepth, readOverwrite, readRange, readTags, readTime, readTimeout } from './headers.ts';
import { holds, parseIf, tokensOf } from './if-header.ts';
import { hrefOf, isWithin, keyOf, mount, parseAddress, parsePath } from './paths.ts';

const hosts = new Set(['127.0.0.1:80']);

describe('paths', () => {
  const name = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    .filter((s) => s !== '.' && s !== '..' && !/[/\0]/.test(s) && s.isWellFormed());

  it('are read back as they are given out', () => {
    fc.assert(
      fc.property(fc.array(name, { maxLength: 5 }), fc.boolean(), (path, folder) => {
        const href = hrefOf(path, folder);
        expect(href).toMatch(/^[!-~]+$/);
        expect(href).not.toMatch(/[<>&"'#?]/);
        expect(parsePath(href)).toEqual(path);
        expect(parseAddress(`http://127.0.0.1:80${href}`, hosts)).toEqual(path);
      }),
    );
  });

  it.each([
    '/vault/../etc/passwd',
    '/vault/%2e%2e/etc',
    '/vault/a/%2E',
    '/vault/a%2fb',
    '/vault/a%2F..%2Fb',
    '/vault/a%00',
    '/vault/%',
    '/vault/%ff',
    '/vault/%c0%ae%c0%ae/',
    '/vault/a#b',
    'vault/a',
    '',
    '*',
    '../vault',
    `/vault/${'a/'.repeat(600)}`,
  ])('are refused: %s', (path) => expect(parsePath(path)).toBe('wrong'));

  it('stay within the vault', () => {
    expect(parsePath('/')).toBeNull();
    expect(parsePath('/other')).toBe('outside');
    expect(parsePath(`//${mount}//a/`)).toEqual(['a']);
    expect(parseAddress('http://evil.example/vault/a', hosts)).toBe('elsewhere');
    expect(parseAddress('https://127.0.0.1:80/vault/a', hosts)).toBe('elsewhere');
    expect(parseAddress('http://127.0.0.1:80@evil.example/vault', hosts)).toBe('elsewhere');
    expect(parseAddress('javascript:1', hosts)).toBe('wrong');
    fc.assert(
      fc.property(fc.string(), (text) => {
        const path = parseAddress(text, hosts);
        if (Array.isArray(path)) for (const one of path) expect(one).not.toMatch(/^\.{0,2}$|[/\0]/);
      }),
      { numRuns: 1000 },
    );
  });

  it('are the same however accents are composed', () => {
    expect(keyOf(['e\u0301'])).toBe(keyOf(['\u00e9']));
    expect(isWithin(['e\u0301', 'b'], ['\u00e9'])).toBe(true);
    expect(isWithin(['ab'], ['a'])).toBe(false);
  });
});

describe('headers', () => {
  it('say how deep, how long, and whether over what is there', () => {
    expect([undefined, '0', ' 1 ', 'Infinity', '2', ''].map((v) => readDepth(v, 'infinity'))).toEqual([
      'infinity',
      '0',
      '1',
      'infinity',
      null,
      null,
    ]);
    expect([undefined, 'T', 'f', 'x'].map(readOverwrite)).toEqual([true, true, false, null]);
    expect(
      [
        undefined,
        'Infinite, Second-4100000000',
        'Second-30',
        'Second-1',
        'Extend-1, Second-60',
        'Second-99999999999',
      ].map(readTimeout),
    ).toEqual([600, 3600, 30, 10, 60, 600]);
    expect(readCodedUrl('<urn:uuid:1>')).toBe('urn:uuid:1');
    expect(['urn:uuid:1', '<a b>', '<>', undefined].map(readCodedUrl)).toEqual([null, null, null, null]);
    expect(readTags('W/"a", "b"')).toEqual(['"a"', '"b"']);
    expect([readTags('*'), readTags('a'), readTags('"a"b')]).toEqual(['*', null, null]);
    expect(readTime('Sun, 06 Nov 1994 08:49:37 GMT')).toBe(784_111_777_000);
    expect(readTime('yesterday')).toBeNull();
  });

  it('name a range within what there is', () => {
    expect(readRange('bytes=0-0', 10)).toEqual({ from: 0, to: 1 });
    expect(readRange('bytes=5-', 10)).toEqual({ from: 5, to: 10 });
    expect(readRange('bytes=-3', 10)).toEqual({ from: 7, to: 10 });
    expect(readRange('bytes=-30', 10)).toEqual({ from: 0, to: 10 });
    expect(readRange('bytes=10-', 10)).toBe('none');
    expect(readRange('bytes=-0', 10)).toBe('none');
    expect(readRange('bytes=0-', 0)).toBe('none');
    for (const whole of [undefined, 'bytes=5-4', 'bytes=-', 'lines=1-2', 'bytes=0-1,3-4', 'bytes=a-b']) {
      expect(readRange(whole, 10)).toBe('whole');
    }
    fc.assert(
      fc.property(fc.string(), fc.nat(100), (text, size) => {
        const range = readRange(`bytes=${text}`, size);
        if (typeof range === 'string') return;
        expect(range.from).toBeLessThan(range.to);
        expect(range.to).toBeLessThanOrEqual(size);
      }),
    );
  });
});

describe('the If header', () => {
  it('is read as RFC 4918 writes it', () => {
    expect(parseIf('(<urn:uuid:1> ["I am an ETag"]) (["I am another ETag"])')).toEqual([
      {
        resource: null,
        conditions: [
          { not: false, kind: 'token', value: 'urn:uuid:1' },
          { not: false, kind: 'tag', value: '"I am an ETag"' },
        ],
      },
      { resource: null, conditions: [{ not: false, kind: 'tag', value: '"I am another ETag"' }] },
    ]);
    const tagged = parseIf('</a> (<urn:uuid:1> [W/"A weak ETag"]) (["strong"]) <http://x/b> (Not <DAV:no-lock>)');
    expect(tagged?.map(({ resource }) => resource)).toEqual(['/a', '/a', 'http://x/b']);
    expect(tagged && [...tokensOf(tagged)]).toEqual(['urn:uuid:1']);
  });

  it.each(['', ' ', '()', '(<a>', '<a>', '(<a>) <b> (<c>)', '<a> <b> (<c>)', '(a)', '([a])', '(Not)', '(<a b>)', 'x'])(
    'is refused: %s',
    (header) => expect(parseIf(header)).toBeNull(),
  );

  it('takes any text, in time that grows with it alone', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('(', ')', '<', '>', '[', ']', '"', 'Not', ' ', 'a', 'W/'), { maxLength: 40 }),
        (all) => {
          parseIf(all.join(''));
        },
      ),
      { numRuns: 2000 },
    );
    expect(parseIf(`(${'<a>'.repeat(4000)}`)).toBeNull();
    expect(parseIf(`(["${'"'.repeat(15_000)}`)).toBeNull();
  });

  it('holds when one list holds', () => {
    const state = { tag: () => '"now"', locked: (_: string | null, token: string) => token === 'mine' };
    const check = (header: string): boolean => holds(parseIf(header) ?? [], state);
    expect(check('(<mine> ["now"])')).toBe(true);
    expect(check('(<mine> ["old"]) (Not <other>)')).toBe(true);
    expect(check('(<mine> Not ["now"])')).toBe(false);
    expect(check('(<DAV:no-lock>)')).toBe(false);
    expect(check('(Not <DAV:no-lock>)')).toBe(true);
  });
});
