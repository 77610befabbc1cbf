import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/ids.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { hex } from '#core/testing/hex.ts';
import { createNodeIdentity } from '../identity/node-identity.ts';
import { createPair } from '../seal/pair.ts';
import { bytes } from '../testing/arbitraries.ts';
import * as vectors from '../testing/vectors.ts';
import { hopLimitExceeded, icmpChecksum, icmpError, noRoute } from './icmpv6.ts';
import { decodeOutOfBand, encodeOutOfBand } from './out-of-band.ts';

const a = createNodeIdentity(vectors.secretA, seededRandom(1));
const b = createNodeIdentity(vectors.secretB, seededRandom(1));
const router = createNodeIdentity(vectors.secretAlice, seededRandom(1));

describe('ICMP errors', () => {
  it('carry a checksum that adds up', () => {
    fc.assert(
      fc.property(bytes(16), bytes(16), fc.uint8Array({ maxLength: 1500 }), (source, destination, offending) => {
        const packet = icmpError(hopLimitExceeded, source, destination, 64, offending);
        expect(packet.length).toBe(Math.min(1280, 48 + offending.length));
        // Over a packet that holds its checksum the sum is all ones.
        expect(icmpChecksum(packet)).toBe(0);
      }),
    );
  });
});

describe('out-of-band ICMP', () => {
  it('agrees with the published vector, to the sealed bytes', () => {
    const payload = encodeOutOfBand(noRoute, router.subnet.bytes, a.address, b.address, hex(vectors.ipPacketSealed));
    expect(toHex(payload)).toBe(vectors.outOfBand.payload);
    const pair = createPair(router.secret, router.publicKey, a.publicKey, {
      put: (target, at) => target.set(vectors.outOfBand.nonce, at),
    });
    const sealed = new Uint8Array(190);
    expect(pair?.seal('icmp', payload, sealed, 0)).toBe(190);
    expect(toHex(sealed)).toBe(vectors.outOfBand.sealed);
  });

  it('gives the sender its own packet back', () => {
    const told = decodeOutOfBand(hex(vectors.outOfBand.payload));
    expect(told?.kind).toEqual(noRoute);
    expect(told?.destination).toEqual(b.address);
    expect(told && toHex(told.body)).toBe(vectors.ipPacketSealed);
  });

  it('quotes whole or not at all, and is read in no other shape', () => {
    fc.assert(
      fc.property(bytes(16), bytes(16), bytes(16), fc.uint8Array({ maxLength: 1300 }), (r, s, d, body) => {
        const told = decodeOutOfBand(encodeOutOfBand(noRoute, r, s, d, body));
        expect(told?.destination).toEqual(d);
        expect(told?.body.length).toBe(body.length > 1232 ? 0 : body.length);
      }),
    );
    expect(decodeOutOfBand(new Uint8Array(63))).toBeNull();
    expect(decodeOutOfBand(new Uint8Array(1297))).toBeNull();
  });
});
