import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/ids.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { hex } from '#core/testing/hex.ts';
import { createNodeIdentity } from '../identity/node-identity.ts';
import * as vectors from '../testing/vectors.ts';
import { decodeDataPacket } from '../wire/packet.ts';
import { decodeUserData } from '../wire/user-data.ts';
import { createNonces, type Nonces } from './nonces.ts';
import { createPair, type Pair, sealOverhead } from './pair.ts';

const fixed = (nonce: Uint8Array): Nonces => ({ put: (target, at) => target.set(nonce, at) });
const a = createNodeIdentity(vectors.secretA, seededRandom(1));
const b = createNodeIdentity(vectors.secretB, seededRandom(2));

function pair(own: typeof a, other: typeof a, nonces: Nonces): Pair {
  const made = createPair(own.secret, own.publicKey, other.publicKey, nonces);
  if (made === null) throw new Error('no pair');
  return made;
}

describe('sealing', () => {
  it('agrees with the published packets', () => {
    const body = new Uint8Array(94);
    expect(pair(a, b, fixed(vectors.ipPacketNonce)).seal('ipv6', vectors.ipPacket, body, 0)).toBe(94);
    expect(toHex(body)).toBe(vectors.ipPacketSealed);

    const init = new Uint8Array(66);
    pair(a, b, fixed(vectors.message.initNonce)).seal('message', hex(vectors.message.init), init, 0);
    expect(decodeDataPacket(hex(vectors.message.initFramed))?.body).toEqual(init);

    const opened = pair(b, a, fixed(vectors.ipPacketNonce)).open(body);
    expect(opened && decodeUserData(opened)).toEqual({ type: 'ipv6', payload: vectors.ipPacket });
  });

  it('opens what the other sealed, in both directions, and nothing that was changed', () => {
    const one = pair(a, b, createNonces(seededRandom(3)));
    const other = pair(b, a, createNonces(seededRandom(4)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(40), fc.nat(1000), (payload, at, flip) => {
        const target = new Uint8Array(at + payload.length + sealOverhead);
        const length = one.seal('message', payload, target, at);
        const body = target.slice(at, at + length);
        const opened = other.open(body);
        expect(opened && decodeUserData(opened)).toEqual({ type: 'message', payload });
        const byte = flip % body.length;
        body[byte] = (body[byte] as number) ^ 0x10;
        expect(other.open(body)).toBeNull();
      }),
    );
  });

  it('opens any bytes to nothing', () => {
    const one = pair(a, b, createNonces(seededRandom(3)));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (any) => void expect(one.open(any)).toBeNull()));
  });

  it('has no pair with a key of low order', () => {
    for (const low of [new Uint8Array(32), Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0))])
      expect(createPair(a.secret, a.publicKey, low, createNonces(seededRandom(1)))).toBeNull();
  });
});

describe('nonces', () => {
  it('never repeat, also across lifetimes, and tell the directions apart', () => {
    const seen = new Set<string>();
    const nonces = createNonces(seededRandom(5), 100);
    for (let i = 0; i < 1000; i++) {
      const nonce = new Uint8Array(12);
      nonces.put(nonce, 0, i % 3 === 0);
      expect((nonce[0] as number) >> 7).toBe(i % 3 === 0 ? 1 : 0);
      seen.add(toHex(nonce));
    }
    expect(seen.size).toBe(1000);
  });
});
