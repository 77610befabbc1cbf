import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatAddress,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isUnspecified,
  parseAddress,
  unspecified,
} from './address.ts';

const sixteen = fc.uint8Array({ minLength: 16, maxLength: 16 });
/** Mostly zeros, so that runs of them are met. */
const sparse = fc
  .array(fc.constantFrom(0, 0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 })
  .map((a) => Uint8Array.from(a));

describe('addresses as text', () => {
  it('come back from their text', () => {
    fc.assert(
      fc.property(fc.oneof(sixteen, sparse), (bytes) => {
        const text = formatAddress(bytes);
        expect(isIPv6(text)).toBe(true);
        expect(parseAddress(text)).toEqual(bytes);
      }),
    );
  });

  it('have the one form of RFC 5952', () => {
    for (const [given, wanted] of [
      ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:DB8::0001', '2001:db8::1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['0:0:0:0:0:0:0:0', '::'],
      ['::ffff:192.0.2.1', '::ffff:c000:201'],
      ['fe80::1', 'fe80::1'],
    ] as const) {
      expect(formatAddress(parseAddress(given) ?? unspecified), given).toBe(wanted);
    }
  });

  it('are taken exactly where Node takes them, zones aside', () => {
    const alike = fc.stringMatching(/^[0-9a-f:.]{0,45}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string(), alike, fc.ipV6()), (text) => {
        fc.pre(!text.includes('%'));
        expect(parseAddress(text) !== null).toBe(isIPv6(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('tell their kinds apart', () => {
    const of = (text: string) => parseAddress(text) ?? unspecified;
    expect([isMulticast(of('ff02::1')), isMulticast(of('fe80::1'))]).toEqual([true, false]);
    expect([isLinkLocal(of('febf::1')), isLinkLocal(of('fec0::1'))]).toEqual([true, false]);
    expect([isLoopback(of('::1')), isLoopback(of('::2')), isLoopback(of('1::1'))]).toEqual([true, false, false]);
    expect([isUnspecified(of('::')), isUnspecified(of('::1'))]).toEqual([true, false]);
  });
});
