import { concatBytes } from '#core/crypto/bytes.ts';
import { xwingDecapsulate, xwingKeys } from '#core/crypto/kem.ts';
import { mlDsa65Keys, mlDsa65Sign, mlDsa65Verify } from '#core/crypto/pq-sign.ts';
import { ed25519PublicKey, ed25519Sign, ed25519Verify } from '#core/crypto/sign.ts';
import type { ContactKeys, OwnKeys } from '../ports.ts';

export interface Somebody {
  readonly own: OwnKeys;
  readonly known: ContactKeys;
}

/** A person with all keys that sharing needs, made of a number. @param letter of the alphabet, for their id */
export function somebody(seed: number, letter: string): Somebody {
  const secret = new Uint8Array(32).fill(seed);
  const [kem, pq, sign] = [xwingKeys(secret), mlDsa65Keys(secret), ed25519PublicKey(secret)];
  const person = `hy1${letter.repeat(52)}`;
  return {
    own: {
      ...{ person, device: secret },
      sign: (bytes) => concatBytes(ed25519Sign(secret, bytes), mlDsa65Sign(pq.secret, bytes, 'test')),
      open: (ciphertext) => xwingDecapsulate(kem.secret, ciphertext),
    },
    known: {
      ...{ person, epoch: 0, kem: kem.publicKey, devices: [secret] },
      verify: (bytes, both) =>
        ed25519Verify(sign, bytes, both.subarray(0, 64)) &&
        mlDsa65Verify(pq.publicKey, bytes, both.subarray(64), 'test'),
    },
  };
}
