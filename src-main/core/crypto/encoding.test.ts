import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { fromBase58, toBase58 } from './base58.ts';
import { equalBytes } from './equal.ts';
import { fromBase32, fromBase64url, fromHex, randomId, toBase32, toBase64url, toHex } from './ids.ts';
import { systemRandom } from './random.ts';

const ascii = (text: string) => new TextEncoder().encode(text);

describe('text forms of bytes', () => {
  it('agree with RFC 4648 section 10', () => {
    const cases = [
      ['', ''],
      ['f', 'my'],
      ['fo', 'mzxq'],
      ['foo', 'mzxw6'],
      ['foob', 'mzxw6yq'],
      ['fooba', 'mzxw6ytb'],
      ['foobar', 'mzxw6ytboi'],
    ] as const;
    for (const [plain, coded] of cases) expect(toBase32(ascii(plain))).toBe(coded);
    expect(toBase64url(ascii('fooba'))).toBe('Zm9vYmE');
    expect(toHex(ascii('foobar'))).toBe('666f6f626172');
  });

  it('agree with the base58 draft (draft-msporny-base58-03)', () => {
    expect(toBase58(ascii('Hello World!'))).toBe('2NEpo7TZRRrLZSi2U');
    expect(toBase58(ascii('The quick brown fox jumps over the lazy dog.'))).toBe(
      'USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z',
    );
    expect(toBase58(Uint8Array.from([0, 0, 0x28, 0x7f, 0xb4, 0xcd]))).toBe('11233QC4');
  });

  const pairs = [
    ['base32', toBase32, fromBase32],
    ['base64url', toBase64url, fromBase64url],
    ['hex', toHex, fromHex],
    ['base58', toBase58, fromBase58],
  ] as const;

  it.each(pairs)('%s reads back what it wrote', (_name, encode, decode) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(decode(encode(bytes))).toEqual(bytes);
      }),
    );
  });

  it.each(pairs)('%s has one spelling a value: what it accepts it would have written', (_name, encode, decode) => {
    const text = fc.oneof(
      fc.string(),
      fc.stringMatching(/^[a-z2-7]{0,20}$/),
      fc.stringMatching(/^[A-Za-z0-9_-]{0,20}$/),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        const bytes = decode(candidate);
        if (bytes !== null) expect(encode(bytes)).toBe(candidate);
      }),
      { numRuns: 500 },
    );
  });
});

describe('ids and comparison', () => {
  it('makes ids of 22 characters that fit every id schema', () => {
    const random = seededRandom(3);
    for (let i = 0; i < 100; i++) expect(randomId(random)).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(randomId(systemRandom)).not.toBe(randomId(systemRandom));
  });

  it('compares bytes', () => {
    expect(equalBytes(ascii('abc'), ascii('abc'))).toBe(true);
    expect(equalBytes(ascii('abc'), ascii('abd'))).toBe(false);
    expect(equalBytes(ascii('abc'), ascii('ab'))).toBe(false);
  });
});
