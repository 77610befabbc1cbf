import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPaymentRequest, parsePaymentRequest } from './eip681.ts';
import { chainRef, type EvmAddress } from './evm.ts';

const shop = '0xfb6916095ca1df60bB79Ce92cE3Ea74c37c5d359';
const token = '0x89205A3A3b2A69De6Dbf7f01ED13B2108B2c43e7';
const payer = '0x8e23ee67d1332ad560396262c48ffbb01f93d052';

describe('a payment link', () => {
  it('is read as the examples of ERC-681 mean it', () => {
    expect(parsePaymentRequest(`ethereum:${shop}?value=2.014e18`)).toEqual({
      chain: 'eip155:1',
      to: shop,
      token: null,
      amount: 2_014_000_000_000_000_000n,
    });
    expect(parsePaymentRequest(`ethereum:${token}/transfer?address=${payer}&uint256=1`)).toEqual({
      chain: 'eip155:1',
      to: payer,
      token,
      amount: 1n,
    });
    expect(parsePaymentRequest(`ethereum:pay-${shop}@56`)).toMatchObject({ chain: 'eip155:56', amount: null });
    expect(parsePaymentRequest(` ETHEREUM:${shop}@1?gas=21000&value=1e3 `)).toMatchObject({ amount: 1_000n });
  });

  it.each([
    ['another scheme', `bitcoin:${shop}`],
    ['a name instead of an address', 'ethereum:somebody.eth?value=1'],
    ['a short address', 'ethereum:0x1234'],
    ['another function', `ethereum:${token}/approve?address=${payer}&uint256=1`],
    ['a transfer to nobody', `ethereum:${token}/transfer?uint256=1`],
    ['a transfer with coin', `ethereum:${token}/transfer?address=${payer}&value=1`],
    ['parts of a unit', `ethereum:${shop}?value=1.5`],
    ['less than nothing', `ethereum:${shop}?value=-1`],
    ['more than there can be', `ethereum:${shop}?value=1e78`],
    ['an amount twice', `ethereum:${shop}?value=1&value=2`],
    ['something unknown', `ethereum:${shop}?data=0x00`],
    ['no chain', `ethereum:${shop}@0`],
  ])('is none with %s', (_, text) => expect(parsePaymentRequest(text)).toBeNull());

  const hexDigit = fc.constantFrom(...'0123456789abcdefABCDEF');
  const anyAddress = fc.array(hexDigit, { minLength: 40, maxLength: 40 }).map((d) => `0x${d.join('')}` as EvmAddress);
  it('is read back as it was written', () => {
    const request = fc.record({
      chain: fc.bigInt({ min: 1n, max: 1n << 60n }).map(chainRef),
      to: anyAddress,
      token: fc.option(anyAddress),
      amount: fc.option(fc.bigInt({ min: 0n, max: (1n << 256n) - 1n })),
    });
    fc.assert(
      fc.property(request, (one) => {
        expect(parsePaymentRequest(formatPaymentRequest(one))).toEqual(one);
      }),
    );
  });

  it('of any text is a payment or none, and never a crash', () => {
    const near = fc
      .tuple(fc.constantFrom('ethereum:', 'ethereum:pay-', ''), fc.constantFrom(shop, token, '0x'), fc.string())
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), near), (text) => {
        const found = parsePaymentRequest(text);
        if (found !== null) expect(parsePaymentRequest(formatPaymentRequest(found))).toEqual(found);
      }),
    );
  });
});
