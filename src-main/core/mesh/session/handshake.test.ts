import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { x25519, x25519PublicKey } from '#core/crypto/agree.ts';
import { concatBytes } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { createPacketAead } from '#core/crypto/packet-aead.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { hex } from '#core/testing/hex.ts';
import { secretA, secretB } from '../testing/vectors.ts';
import { firstMessageBytes, type HandshakeStart, initiate, receive, secondMessageBytes } from './handshake.ts';
import { createSymmetricState } from './symmetric-state.ts';

const keys = (secret: Uint8Array) => ({ secret, publicKey: x25519PublicKey(secret) });
const a = keys(secretA);
const b = keys(secretB);
const prologue = hex('0102');
const fromA = (seed: number): HandshakeStart => ({ self: a, peer: b.publicKey, prologue, random: seededRandom(seed) });
const fromB = (seed: number): HandshakeStart => ({ self: b, peer: a.publicKey, prologue, random: seededRandom(seed) });
const lowOrder = [new Uint8Array(32), Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0))];

function begun(seed = 1, payload = hex('aa')) {
  const initiation = initiate(fromA(seed), payload);
  if (initiation === null) throw new Error('no handshake');
  return initiation;
}

describe('the symmetric state', () => {
  it('makes the messages of Noise_KK_25519_AESGCM_SHA256 as other implementations do', () => {
    // From the test vectors of cacophony (Haskell), which snow (Rust) carries: this pattern without the hybrid part.
    const init = keys(hex('e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1'));
    const resp = keys(hex('4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893'));
    const initE = keys(hex('893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a'));
    const respE = keys(hex('bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b'));
    const agree = (mine: typeof init, theirs: typeof init): Uint8Array =>
      x25519(mine.secret, theirs.publicKey) ?? hex('');
    const state = createSymmetricState('Noise_KK_25519_AESGCM_SHA256');
    state.mixHash(hex('4a6f686e2047616c74'));
    state.mixHash(init.publicKey);
    state.mixHash(resp.publicKey);
    state.mixHash(initE.publicKey);
    state.mixKey(agree(initE, resp));
    state.mixKey(agree(init, resp));
    expect(toHex(concatBytes(initE.publicKey, state.encryptAndHash(hex('4c756477696720766f6e204d69736573'))))).toBe(
      'ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79448564738a841228e693caeec4c497a8bd562231c3e51a1f03c4fd45dfe3a67870',
    );
    state.mixHash(respE.publicKey);
    state.mixKey(agree(initE, respE));
    state.mixKey(agree(init, respE));
    expect(toHex(concatBytes(respE.publicKey, state.encryptAndHash(hex('4d757272617920526f746862617264'))))).toBe(
      '95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843b94504c4d83506f5dd2568b68490eba8ed6f9cf2cca194a273c56d7ae3c558',
    );
    expect(toHex(state.hash())).toBe('c03693acd830588fac76dd414c9e100e8c601d27511de855100239f7705fa3f2');
    const [forth, back] = state.split();
    const sealed = (key: Uint8Array, plain: string): string => {
      const out = new Uint8Array(plain.length / 2 + 16);
      createPacketAead(key).sealInto(new Uint8Array(12), hex(plain), out, 0);
      return toHex(out);
    };
    expect(sealed(forth, '462e20412e20486179656b')).toBe('6a5c10a201d4e3a08f79f64949e55731f774913a4d949bda3fcebf');
    expect(sealed(back, '4361726c204d656e676572')).toBe('4e8a1bf06926fdd74e2f516e2b0c11cc1dc3387fadeb75389d4342');
  });
});

describe('the handshake', () => {
  it('leaves both with the same keys, new each time', () => {
    const seen = new Set<string>();
    for (const seed of [1, 2]) {
      const initiation = begun(seed, hex('c0ffee'));
      expect(initiation.message).toHaveLength(firstMessageBytes + 3);
      const invitation = receive(fromB(seed + 10), initiation.message);
      expect(invitation?.payload).toEqual(hex('c0ffee'));
      const answer = invitation?.answer(hex('beef'));
      expect(answer?.message).toHaveLength(secondMessageBytes + 2);
      const result = initiation.finish(answer?.message ?? hex(''));
      expect(result?.payload).toEqual(hex('beef'));
      expect(result?.keys.send).toEqual(answer?.keys.receive);
      expect(result?.keys.receive).toEqual(answer?.keys.send);
      seen.add(toHex(result?.keys.send ?? hex('')));
      seen.add(toHex(result?.keys.receive ?? hex('')));
      // The secrets are gone.
      expect(initiation.finish(answer?.message ?? hex(''))).toBeNull();
    }
    expect(seen.size).toBe(4);
  });

  it('depends on both halves: the elliptic curve and ML-KEM', () => {
    // The same ephemeral X25519 keys, another encapsulation: other keys. 32 bytes of X25519 come before those of the KEM.
    const made = (kemSeed: number) => {
      const initiation = begun(1);
      let calls = 0;
      const random = (n: number): Uint8Array => (calls++ === 0 ? hex('77'.repeat(32)) : seededRandom(kemSeed)(n));
      const answer = receive({ ...fromB(0), random }, initiation.message)?.answer(hex(''));
      return toHex(initiation.finish(answer?.message ?? hex(''))?.keys.send ?? hex(''));
    };
    expect(made(1)).toBe(made(1));
    expect(made(1)).not.toBe(made(2));
  });

  it('fails for other keys, another prologue and any change of a byte', () => {
    const initiation = begun();
    const other = keys(hex('33'.repeat(32)));
    expect(receive({ ...fromB(2), self: other }, initiation.message)).toBeNull();
    expect(receive({ ...fromB(2), peer: other.publicKey }, initiation.message)).toBeNull();
    expect(receive({ ...fromB(2), prologue: hex('0103') }, initiation.message)).toBeNull();
    const answer = receive(fromB(2), initiation.message)?.answer(hex(''))?.message ?? hex('');
    fc.assert(
      fc.property(fc.nat(initiation.message.length - 1), fc.nat(answer.length - 1), fc.nat(7), (first, second, bit) => {
        const bent = initiation.message.slice();
        bent[first] = (bent[first] as number) ^ (1 << bit);
        // X25519 ignores the last bit of a public key, the transcript does not.
        expect(receive(fromB(2), bent)).toBeNull();
        const bentAnswer = answer.slice();
        bentAnswer[second] = (bentAnswer[second] as number) ^ (1 << bit);
        expect(initiation.finish(bentAnswer)).toBeNull();
      }),
      { numRuns: 60 },
    );
    // What came in between did no harm.
    expect(initiation.finish(answer)).not.toBeNull();
  });

  it('refuses keys of low order wherever they come from', () => {
    for (const low of lowOrder) {
      expect(initiate({ ...fromA(1), peer: low }, hex(''))).toBeNull();
      const initiation = begun();
      const bent = initiation.message.slice();
      bent.set(low);
      expect(receive(fromB(2), bent)).toBeNull();
      const answer = receive(fromB(2), initiation.message)?.answer(hex(''))?.message ?? hex('');
      answer.set(low);
      expect(initiation.finish(answer)).toBeNull();
    }
  });

  it('reads any bytes as nothing', () => {
    const initiation = begun();
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ minLength: firstMessageBytes, maxLength: firstMessageBytes + 4, size: 'max' }),
    );
    fc.assert(
      fc.property(any, (bytes) => {
        expect(receive(fromB(2), bytes)).toBeNull();
        expect(initiation.finish(bytes)).toBeNull();
      }),
      { numRuns: 60 },
    );
  });
});
