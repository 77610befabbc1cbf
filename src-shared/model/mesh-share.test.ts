import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOnMesh, meansEverybody, oneIn, shareWords } from './mesh-share.ts';

describe('how many of all a prefix means', () => {
  it.each([
    ['400::/7', 1, 'everybody'],
    ['::/0', 1, 'everybody'],
    ['0::/5', 1, 'everybody'],
    ['400::/8', 2, 'half of everybody'],
    ['5ff::/8', 2, 'half of everybody'],
    ['480::/9', 4, 'one in 4 of everybody'],
    ['4a0::/16', 512, 'one in 512 of everybody'],
    ['4a1::/20', 8192, 'whoever is there, strangers too'],
    ['4a1:2:3::/63', 2 ** 56, 'whoever is there, strangers too'],
    ['4a1:2:3:4::/64', null, null],
    ['4a1::1', null, null],
    ['4a1::1/128', null, null],
    ['2001:db8::/32', null, null],
    ['ann', null, null],
    ['@c1', null, null],
  ])('%s', (prefix, share, words) => {
    expect(oneIn(prefix)).toBe(share);
    expect(shareWords(prefix)).toBe(words);
  });

  it('is all of them where several together leave nobody out', () => {
    expect(meansEverybody(['400::/8', '500::/8'])).toBe(true);
    expect(meansEverybody(['5c0::/10', 'ann', '400::/9', '580::/10', '480::/9', '500::/9', '4a1::1'])).toBe(true);
    expect(meansEverybody(['400::/8', '500::/9', '580::/10'])).toBe(false);
    expect(meansEverybody(['400::/8', '400::/9'])).toBe(false);
    expect([meansEverybody([]), meansEverybody(['ann'])]).toEqual([false, false]);
  });

  it('is what an even draw of addresses finds', () => {
    const bits = (n: bigint) => `${(0x400n + (n >> 1n)).toString(16)}::/15`;
    fc.assert(
      fc.property(fc.uniqueArray(fc.bigInt(0n, 511n), { maxLength: 31 }), (parts) => {
        expect(meansEverybody(parts.map(bits))).toBe(false);
      }),
    );
    // All 256 of one length, in any order, and then one short of it.
    const all = Array.from({ length: 256 }, (_, i) => `${(0x400 + 2 * i).toString(16)}::/15`);
    expect(meansEverybody(all.toReversed())).toBe(true);
    expect(meansEverybody(all.slice(1))).toBe(false);
    expect(meansEverybody(all.toSpliced(100, 1))).toBe(false);
    expect(all.every(isOnMesh)).toBe(true);
  });
});
