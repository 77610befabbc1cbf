import fc from 'fast-check';
import { zeroAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { describe, expect, it } from 'vitest';
import { toBase64url } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { toHex } from '#core/crypto/ids.ts';
import { chainRef, type EvmAddress, type Hash32 } from '#shared/model/evm.ts';
import { readLetter, writeLetter } from '../wire/letter.ts';
import {
  type OfferBody,
  offerLink,
  offerOf,
  offerToBody,
  proposalLink,
  readOfferLink,
  readProposalLink,
} from './link.ts';
import { hashOfText } from './manifest.ts';
import { duration, priceOf, rateOf } from './rate.ts';
import { digestOf, isSignedBy, type Offer, statement } from './signed.ts';

const account = privateKeyToAccount(`0x${'01'.repeat(32)}`);
const venue = { chainId: 4_294_967_296n, deals: `0x${'de'.repeat(20)}` as EvmAddress };
const hash = (byte: string) => `0x${byte.repeat(32)}` as Hash32;
const offer: Offer = {
  ...{ provider: account.address.toLowerCase() as EvmAddress, tenant: zeroAddress as EvmAddress, node: hash('00') },
  ...{ spec: hashOfText('A machine'), token: `0x${'cc'.repeat(20)}` as EvmAddress, rate: 10n, minDeposit: 864_000n },
  ...{ grace: 86_400, window: 3_600, notice: 86_400, startWithin: 86_400, arbiter: zeroAddress as EvmAddress },
  ...{ fallbackShare: 5_000, whole: false, times: 1, expires: 1_800_000_000n, salt: 7n },
};
const signed = statement(venue, 'Offer', offer);
const signature = (await account.signTypedData(signed as never)).toLowerCase();
const body: OfferBody = {
  ...{ v: 1, chain: chainRef(venue.chainId), genesis: hash('ab'), deals: venue.deals },
  ...{ offer: offerToBody(offer), signature, what: 'A machine' },
};

describe('what is signed about a deal', () => {
  it('is its provider’s, and nobody else’s once a member of it is another', async () => {
    expect(await isSignedBy(signed, signature, offer.provider)).toBe(true);
    for (const change of [{ rate: 11n }, { tenant: offer.provider }, { expires: 1n }, { salt: 8n }, { whole: true }])
      expect(await isSignedBy(statement(venue, 'Offer', { ...offer, ...change }), signature, offer.provider)).toBe(
        false,
      );
    const elsewhere = statement({ ...venue, chainId: 1n }, 'Offer', offer);
    expect(await isSignedBy(elsewhere, signature, offer.provider)).toBe(false);
    expect(await isSignedBy(signed, signature, zeroAddress as EvmAddress)).toBe(false);
    for (const bad of ['0x', signature.slice(0, -2), `${signature}00`, `0x${'ff'.repeat(65)}`])
      expect(await isSignedBy(signed, bad, offer.provider)).toBe(false);
  });

  it('is refused with the other root of its signature, as the contract refuses it', async () => {
    const n = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const s = (n - BigInt(`0x${signature.slice(66, 130)}`)).toString(16).padStart(64, '0');
    const v = signature.endsWith('1b') ? '1c' : '1b';
    expect(await isSignedBy(signed, `${signature.slice(0, 66)}${s}${v}`, offer.provider)).toBe(false);
  });
});

describe('the link of an offer', () => {
  const link = offerLink(body);

  it('has the bytes that docs/formats/deals.md gives', () => {
    expect(digestOf(signed)).toBe('0x0101f3f0a493394c9ce7fa1378b60474bdc827e65bc634771725beeed9ed99ac');
    expect(toHex(sha256(new TextEncoder().encode(link)))).toBe(
      '17511dd038652953483d619e6f8991b51a733d6cd58d9328668373272312098a',
    );
  });

  it('says what it said', () => {
    expect(readOfferLink(`  ${link}\n`)).toEqual(body);
    expect(offerOf(body)).toEqual(offer);
  });

  it('says any offer that there can be, again', () => {
    const uint = (bits: bigint) => fc.bigInt({ min: 0n, max: (1n << bits) - 1n }).map(String);
    const address = fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes) => `0x${toHex(bytes)}` as EvmAddress);
    const text = fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' });
    fc.assert(
      fc.property(
        uint(128n),
        uint(256n),
        uint(64n),
        address,
        text,
        fc.boolean(),
        (rate, salt, expires, token, what, whole) => {
          const any = { ...body, what, offer: { ...body.offer, rate, salt, expires, token, whole } };
          expect(readOfferLink(offerLink(any))).toEqual(any);
        },
      ),
    );
  });

  it('is nothing when it was bent, and no crash', () => {
    const bytes = Buffer.from(link.slice('hypha://offer/'.length), 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const bent = Uint8Array.from(bytes);
        bent[at] = (bent[at] ?? 0) ^ by;
        const read = readOfferLink(`hypha://offer/${toBase64url(bent)}`);
        // Another offer at most: whose digest is another, and is signed by nobody.
        if (read !== null) expect(read).not.toEqual(body);
      }),
    );
    fc.assert(fc.property(fc.string(), (any) => readOfferLink(`hypha://offer/${any}`) === null));
    fc.assert(
      fc.property(fc.uint8Array(), (any) => readLetter(any) === null && readProposalLink(toBase64url(any)) === null),
    );
    const more = JSON.stringify({ ...body, more: 1 });
    expect(readOfferLink(`hypha://offer/${Buffer.from(more).toString('base64url')}`)).toBeNull();
    expect(readOfferLink(`hypha://offer/${Buffer.from(` ${JSON.stringify(body)}`).toString('base64url')}`)).toBeNull();
  });
});

describe('links of proposals and letters', () => {
  const { v, chain, genesis, deals } = body;
  const about = { v, chain, genesis, deals, deal: hash('dd'), signature };

  it('say what they said', () => {
    for (const said of [
      { kind: 'refund', index: 0, amount: '5' },
      { kind: 'settlement', toProvider: '0' },
      { kind: 'receipt', from: '1', until: '2', up: '1', traffic: '0' },
    ] as const) {
      const proposal = { ...about, statement: said };
      expect(readProposalLink(proposalLink(proposal))).toEqual(proposal);
      expect(readOfferLink(proposalLink(proposal))).toBeNull();
    }
    const letter = { what: 'offer', link: offerLink(body), proof: signature } as const;
    expect(readLetter(writeLetter(letter))).toEqual(letter);
  });
});

describe('a price', () => {
  it('is by the second, to a part in a hundred or not at all', () => {
    expect(rateOf(25_920_000n, 'month')).toBe(10n);
    expect(rateOf(0n, 'month')).toBe(0n);
    // A credit a month is 0.39 of the smallest unit a second.
    expect(rateOf(1_000_000n, 'month')).toBeNull();
    expect(rateOf((1n << 128n) * 3_600n, 'hour')).toBeNull();
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 10n ** 30n }), fc.constantFrom('hour', 'day', 'month'), (amount, per) => {
        const rate = rateOf(amount, per);
        if (rate === null) return;
        const told = priceOf(rate)[per];
        expect((told > amount ? told - amount : amount - told) * 100n).toBeLessThanOrEqual(amount);
      }),
    );
  });

  it('has times in words', () => {
    expect([0, 1, 90, 3_600, 86_400, 90_000].map(duration)).toEqual([
      ...['0 seconds', '1 second', '90 seconds', '1 hour', '1 day', '25 hours'],
    ]);
  });
});
