import fc from 'fast-check';
import nacl from 'tweetnacl';
import { describe, expect, it } from 'vitest';
import type { Card } from '#shared/contract/identity.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { cardSignatureHolds } from './card-check.ts';

const pair = nacl.sign.keyPair.fromSeed(new Uint8Array(32).fill(9));
const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
const base64url = (bytes: Uint8Array) =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

function signed(change: Partial<Card> = {}): Card {
  const card = {
    v: 1 as const,
    person: `hy1${'a'.repeat(52)}` as Card['person'],
    name: 'Ada',
    key: hex(pair.publicKey),
    kem: 'AA',
    pqKey: 'AA',
    log: [{ seq: 0 }],
    at: 1,
    ...change,
  };
  return { ...card, sig: base64url(nacl.sign.detached(new TextEncoder().encode(canonicalJson(card)), pair.secretKey)) };
}

describe('a card’s signature', () => {
  it('holds for the card that was signed, whatever the order of its members', () => {
    const card = signed();
    expect(cardSignatureHolds(card)).toBe(true);
    expect(cardSignatureHolds(Object.fromEntries(Object.entries(card).reverse()) as Card)).toBe(true);
  });

  it('fails for any change', () => {
    expect(cardSignatureHolds({ ...signed(), name: 'Eve' })).toBe(false);
    expect(cardSignatureHolds({ ...signed(), log: [] })).toBe(false);
    expect(cardSignatureHolds({ ...signed(), key: 'ff'.repeat(32) })).toBe(false);
  });

  it('answers no, and never throws, for any text as signature or key', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (sig, key) => {
        expect(cardSignatureHolds({ ...signed(), sig, key })).toBe(false);
      }),
    );
  });
});
