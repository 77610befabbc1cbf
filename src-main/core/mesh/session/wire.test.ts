import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDice } from '../testing/dice.ts';
import { firstMessageBytes, secondMessageBytes } from './handshake.ts';
import {
  cookieBytes,
  type DataType,
  dataHeadBytes,
  decodeDataHead,
  decodeHandshake,
  decodeIntro,
  encodeHandshake,
  encodeIntro,
  type HandshakePacket,
  initBytes,
  initHead,
  initHeadBytes,
  isData,
  nonceBytes,
  putDataHead,
  responseBytes,
  sessionOverhead,
} from './wire.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n, size: 'max' });
const common = { greater: fc.boolean(), nonce: bytes(nonceBytes) };
const cookie = bytes(cookieBytes);
const packets: fc.Arbitrary<HandshakePacket> = fc.oneof(
  fc.record({ kind: fc.constant('hello' as const), ...common }),
  fc.record({ kind: fc.constant('challenge' as const), ...common, cookie }),
  fc.record({ kind: fc.constant('init' as const), ...common, cookie, noise: bytes(firstMessageBytes + 4) }),
  fc.record({ kind: fc.constant('response' as const), ...common, noise: bytes(secondMessageBytes + 4) }),
);
const types: readonly DataType[] = ['ipv6', 'message', 'keepalive'];

describe('session packets', () => {
  it('are of the sizes that the documents say', () => {
    expect({ initBytes, responseBytes, sessionOverhead, initHeadBytes }).toEqual({
      initBytes: 1288,
      responseBytes: 1176,
      sessionOverhead: 28,
      initHeadBytes: 36,
    });
  });

  it('come back as they were encoded', () => {
    fc.assert(
      fc.property(packets, (packet) => {
        const encoded = encodeHandshake(packet);
        expect(isData(encoded)).toBe(false);
        expect(decodeHandshake(encoded)).toEqual(packet);
        if (packet.kind !== 'init') return;
        expect(encoded.subarray(0, initHeadBytes)).toEqual(initHead(packet.greater, packet.nonce, packet.cookie));
      }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.nat(2 ** 24 - 1),
        fc.maxSafeNat(),
        fc.nat(50),
        (type, index, counter, rest) => {
          const packet = new Uint8Array(sessionOverhead + rest);
          putDataHead(packet, { type, index, counter });
          expect(isData(packet)).toBe(true);
          expect(decodeDataHead(packet)).toEqual({ type, index, counter });
        },
      ),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 24 - 1 }), (index) => {
        expect(decodeIntro(encodeIntro(index))).toBe(index);
      }),
    );
  });

  it('are refused in every other length, version, side or reserved byte', () => {
    fc.assert(
      fc.property(packets, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 2, max: 255 }), (packet, at, value) => {
        const encoded = encodeHandshake(packet);
        expect(decodeHandshake(encoded.subarray(1))).toBeNull();
        expect(decodeHandshake(encoded.subarray(0, -1))).toBeNull();
        const bent = encoded.slice();
        bent[at] = value;
        expect(decodeHandshake(bent)).toBeNull();
      }),
    );
    expect(decodeIntro(Uint8Array.of(0, 0, 0, 0))).toBeNull();
    expect(decodeIntro(Uint8Array.of(0, 0, 1, 1))).toBeNull();
  });

  it('decode from any bytes to a value or null', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (any) => {
        decodeHandshake(any);
        decodeDataHead(any);
        decodeIntro(any);
        expect(typeof isData(any)).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
    // Lengths that are right, contents that are anything.
    const dice = createDice(1);
    for (const length of [20, 36, initBytes, responseBytes, dataHeadBytes + 16]) {
      for (let i = 0; i < 500; i++) {
        const any = dice.bytes(length);
        if (i % 2 === 0) any.set([dice.below(20), 1, dice.below(2), 0]);
        const packet = decodeHandshake(any);
        if (packet !== null) expect(encodeHandshake(packet)).toEqual(any);
        const head = decodeDataHead(any);
        if (head !== null) expect(Number.isSafeInteger(head.counter)).toBe(true);
      }
    }
  });

  it('have no counter that no session reaches', () => {
    const packet = new Uint8Array(40).fill(255);
    packet[0] = 16;
    expect(decodeDataHead(packet)).toBeNull();
  });
});
