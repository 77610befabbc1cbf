import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sealAesGcm } from './aead.ts';
import { createAesGcmOpener, createAesGcmSealer } from './aead-stream.ts';
import { concatBytes, utf8 } from './bytes.ts';
import { toHex } from './encoding.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const key = Uint8Array.from({ length: 32 }, (_, i) => i);
const nonce = new Uint8Array(12).fill(0x24);

describe('AES-256-GCM piece by piece', () => {
  it('seals as zstor does', () => {
    const sealer = createAesGcmSealer(key, nonce);
    const sealed = concatBytes(nonce, sealer.update(utf8('hello')), sealer.tag());
    expect(toHex(sealed)).toBe('2424242424242424242424246e94d5a3881914ad967f8f119453f965eca25357c4');
  });

  it('is the same as in one piece, and knows what was changed', () => {
    fc.assert(
      fc.property(bytes(32), bytes(12), fc.array(fc.uint8Array(), { maxLength: 5 }), fc.nat(), (k, n, pieces, flip) => {
        const sealer = createAesGcmSealer(k, n);
        const sealed = concatBytes(...pieces.map((piece) => sealer.update(piece)), sealer.tag());
        expect(sealed).toEqual(sealAesGcm(k, n, concatBytes(...pieces), new Uint8Array(0)));
        const opener = createAesGcmOpener(k, n);
        const opened = opener.update(sealed.subarray(0, -16));
        expect(Buffer.from(opened)).toEqual(Buffer.from(concatBytes(...pieces)));
        expect(opener.isRight(sealed.subarray(-16))).toBe(true);
        const wrong = sealed.slice();
        wrong[flip % wrong.length] = (wrong[flip % wrong.length] ?? 0) ^ 1;
        const other = createAesGcmOpener(k, n);
        other.update(wrong.subarray(0, -16));
        expect(other.isRight(wrong.subarray(-16))).toBe(false);
      }),
    );
    expect(createAesGcmOpener(key, nonce).isRight(new Uint8Array(4))).toBe(false);
  });

  it('takes keys and nonces of one length', () => {
    expect(() => createAesGcmSealer(new Uint8Array(16), nonce)).toThrow(RangeError);
    expect(() => createAesGcmOpener(key, new Uint8Array(16))).toThrow(RangeError);
  });
});
