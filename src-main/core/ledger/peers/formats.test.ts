import fc from 'fast-check';
import { getAddress } from 'viem';
import { describe, expect, it } from 'vitest';
import { toBase32, toBase64url, toHex } from '#core/crypto/encoding.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import type { PersonId } from '#shared/model/ids.ts';
import { cardBytes, decodeCard, encodeCard, type LedgerCard, ledgerLink, readLedgerLink } from './card.ts';
import { decodeProof, encodeProof, type LieProof, proofLink, proves, readProofLink } from './proof.ts';
import { BadLine, createLineReader } from './wire/lines.ts';
import { createPace } from './wire/pace.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const person = bytes(32).map((id) => `hy1${toBase32(id)}` as PersonId);
const address = bytes(20).map((one) => getAddress(`0x${toHex(one)}`) as EvmAddress);
const card: fc.Arbitrary<LedgerCard> = fc.record({
  chainId: fc.bigInt(1n, (1n << 64n) - 1n),
  genesis: bytes(32).map((hash) => `0x${toHex(hash)}` as Hash32),
  operator: person,
  contracts: fc.record({ deals: address, nodes: address, names: address, attestations: address, credits: address }),
});
const head = fc.record({
  head: fc.record({
    chainId: fc.bigInt(1n, (1n << 64n) - 1n),
    genesis: bytes(32),
    incarnation: fc.nat(0xffff_ffff),
    number: fc.nat(2 ** 48 - 1),
    hash: bytes(32),
    state: bytes(32),
    at: fc.nat(2 ** 48 - 1),
  }),
  signature: bytes(64 + 3_309),
});
const proof: fc.Arbitrary<LieProof> = fc.record({
  operator: person,
  one: head,
  other: head,
  headers: fc.array(fc.uint8Array({ maxLength: 1_024 }), { maxLength: 5 }),
});

describe('a card of a ledger', () => {
  it('reads back, as bytes and as a link that a mail program broke', () => {
    fc.assert(
      fc.property(card, (one) => {
        expect(encodeCard(one)).toHaveLength(cardBytes);
        expect(decodeCard(encodeCard(one))).toEqual(one);
        const link = ledgerLink(one);
        expect(readLedgerLink(`<${link.slice(0, 70)}\r\n ${link.slice(70)}>.`)).toEqual(one);
      }),
    );
  });

  it('has this layout', () => {
    const at = (digit: string) => getAddress(`0x${digit.repeat(40)}`) as EvmAddress;
    const one: LedgerCard = {
      chainId: 0x0102_0304_0506_0708n,
      genesis: `0x${'aa'.repeat(32)}` as Hash32,
      operator: `hy1${toBase32(new Uint8Array(32).fill(0xbb))}` as PersonId,
      contracts: { deals: at('1'), nodes: at('2'), names: at('3'), attestations: at('4'), credits: at('5') },
    };
    const layout = `010102030405060708${'aa'.repeat(32)}${'bb'.repeat(32)}${[1, 2, 3, 4, 5].map((n) => String(n).repeat(40)).join('')}`;
    expect(toHex(encodeCard(one))).toBe(layout);
  });

  it('is nothing when the bytes or the text are anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: cardBytes + 2 }), (any) => {
        const read = decodeCard(any);
        if (read !== null) expect(encodeCard(read)).toEqual(any);
        expect(readLedgerLink(`hypha://ledger/${toBase64url(any)}`)).toEqual(read);
      }),
    );
    fc.assert(fc.property(fc.string(), (any) => void readLedgerLink(any)));
  });
});

describe('a proof of two stories', () => {
  it('reads back, and proves nothing by being one', () => {
    fc.assert(
      fc.property(proof, (one) => {
        expect(decodeProof(encodeProof(one))).toEqual(one);
        expect(readProofLink(proofLink(one))).toEqual(one);
        expect(proves(one, () => false)).toBe(false);
        // Whatever was signed: blocks without any link between them are no two stories.
        expect(proves(one, () => true)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });

  it('is nothing when the bytes are anything else', () => {
    fc.assert(
      fc.property(proof, fc.nat(), fc.nat(255), (one, at, value) => {
        const altered = encodeProof(one);
        altered[at % altered.length] = value;
        const read = decodeProof(altered);
        if (read !== null) expect(encodeProof(read)).toEqual(altered);
        expect(decodeProof(altered.subarray(0, at % altered.length))).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  it('is one where both heads are of one block and differ, or where the blocks between do not lead from one to the other', () => {
    fc.assert(
      fc.property(head, bytes(32), (one, hash) => {
        const other = { ...one, head: { ...one.head, hash } };
        const same = toHex(hash) === toHex(one.head.hash);
        const of = { operator: `hy1${'a'.repeat(52)}` as PersonId, one, other, headers: [] };
        expect(proves(of, () => true)).toBe(!same);
        let signed = 0;
        expect(proves(of, () => signed++ === 0)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});

describe('lines', () => {
  it('come out as they went in, however they were cut, and never longer than allowed', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !text.includes('\n')),
          { maxLength: 10 },
        ),
        fc.integer({ min: 1, max: 7 }),
        (lines, size) => {
          const reader = createLineReader(1_000);
          const all = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const read: string[] = [];
          for (let at = 0; at < all.length; at += size) read.push(...reader.push(all.subarray(at, at + size)));
          expect(read).toEqual(lines.map((line) => Buffer.from(line).toString()));
          expect(reader.partial()).toBe(false);
        },
      ),
    );
    const reader = createLineReader(8);
    expect([...reader.push(Buffer.from('12345678\n'))]).toEqual(['12345678']);
    expect(() => [...reader.push(Buffer.from('1234')), ...reader.push(Buffer.from('56789'))]).toThrow(BadLine);
  });
});

describe('the pace of one contact', () => {
  it('lets a burst through, and after that half of the time', async () => {
    let now = 0;
    const waits: { ms: number; fire: () => void }[] = [];
    const pace = createPace({
      now: () => now,
      setTimer(ms, fire) {
        waits.push({ ms, fire });
        return () => {};
      },
    });
    await pace.turn();
    pace.took(4_000);
    await pace.turn();
    pace.took(2_000);
    const turn = pace.turn();
    expect(waits).toHaveLength(1);
    expect(waits[0]?.ms).toBe(2_000);
    now = 2_000;
    waits[0]?.fire();
    await turn;
    await pace.turn();
    expect(waits).toHaveLength(1);
  });
});
