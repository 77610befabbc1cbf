import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openAesGcm, sealAesGcm } from './aead.ts';
import { createPacketAead } from './packet-aead.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const none = new Uint8Array(0);

describe('the packet path of AES-256-GCM', () => {
  it('writes what the plain one returns, wherever it is told, and opens it again', () => {
    fc.assert(
      fc.property(bytes(32), bytes(12), fc.uint8Array({ maxLength: 200 }), fc.nat(40), (key, nonce, plain, at) => {
        const aead = createPacketAead(key);
        const target = new Uint8Array(at + plain.length + 16 + 3);
        expect(aead.sealInto(nonce, plain, target, at)).toBe(plain.length + 16);
        const sealed = target.slice(at, at + plain.length + 16);
        expect(sealed).toEqual(sealAesGcm(key, nonce, plain, none));
        expect(aead.open(nonce, sealed)).toEqual(openAesGcm(key, nonce, sealed, none));
        expect(target.slice(at + plain.length + 16)).toEqual(new Uint8Array(3));
      }),
    );
  });

  it('seals in place', () => {
    const aead = createPacketAead(new Uint8Array(32));
    const plain = Uint8Array.from({ length: 50 }, (_, i) => i);
    const frame = new Uint8Array(66);
    frame.set(plain);
    aead.sealInto(new Uint8Array(12), frame.subarray(0, 50), frame, 0);
    expect(aead.open(new Uint8Array(12), frame)).toEqual(plain);
  });

  it('opens nothing that was changed or is too short', () => {
    const aead = createPacketAead(new Uint8Array(32));
    const sealed = new Uint8Array(20);
    aead.sealInto(new Uint8Array(12), new Uint8Array(4), sealed, 0);
    sealed[3] = (sealed[3] ?? 0) ^ 1;
    expect(aead.open(new Uint8Array(12), sealed)).toBeNull();
    expect(aead.open(new Uint8Array(12), new Uint8Array(15))).toBeNull();
    expect(() => createPacketAead(new Uint8Array(16))).toThrow(RangeError);
  });
});
