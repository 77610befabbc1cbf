import { openAesGcm, sealAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { xwingCiphertextBytes, xwingEncapsulate, xwingRandomBytes } from '#core/crypto/kem.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { fail } from '#shared/rpc/fail.ts';
import { hybridSignatureBytes, type Sealing, type SealingKeys, type SealingSelf } from './sealing.ts';

/*
 * A letter of one person to another (docs/formats/deals.md):
 *
 *   0     4      "HYLT"
 *   4     1      version, 1
 *   5     1120   X-Wing ciphertext for the receiver's key
 *   1125  n+16   AES-256-GCM of signature || text, key = HKDF-SHA-512(secret, salt "", "hypha letter v1 " + purpose, 32), nonce zero (the
 *                key is used once), associated data = bytes 0 to 1125 || writer's person id || receiver's person id
 *
 * The signature, Ed25519 || ML-DSA-65 by the writer for the same purpose, is over bytes 0 to 1125 || both person ids || the text: so a
 * letter cannot be sealed anew for somebody else in its writer's name.
 */

const head = utf8('HYLT\x01');
const sealedFrom = head.length + xwingCiphertextBytes;
const zeroNonce = new Uint8Array(12);

const keyFor = (purpose: string, secret: Uint8Array): Uint8Array =>
  hkdfSha512(secret, new Uint8Array(0), `hypha letter v1 ${purpose}`, 32);

/** @returns null when nothing can be sealed to the receiver's key */
export function sealLetter(
  purpose: string,
  text: Uint8Array,
  from: Pick<SealingSelf, 'person' | 'sign'>,
  to: Pick<SealingKeys, 'person' | 'kem'>,
  random: (n: number) => Uint8Array,
): Uint8Array | null {
  const encapsulated = xwingEncapsulate(to.kem, random(xwingRandomBytes));
  if (encapsulated === null) return null;
  const front = concatBytes(head, encapsulated.ciphertext);
  const both = utf8(`${from.person}${to.person}`);
  const key = keyFor(purpose, encapsulated.secret);
  const signed = concatBytes(from.sign(concatBytes(front, both, text)), text);
  const sealed = sealAesGcm(key, zeroNonce, signed, concatBytes(front, both));
  wipe(key, encapsulated.secret);
  return concatBytes(front, sealed);
}

/** @returns null for whatever is no letter of this person to us */
export function openLetter(
  purpose: string,
  bytes: Uint8Array,
  from: Pick<SealingKeys, 'person' | 'verify'>,
  to: Pick<SealingSelf, 'person' | 'open'>,
): Uint8Array | null {
  if (bytes.length < sealedFrom + hybridSignatureBytes + 16 || !head.every((byte, i) => bytes[i] === byte)) return null;
  const front = bytes.subarray(0, sealedFrom);
  const secret = to.open(bytes.subarray(head.length, sealedFrom));
  if (secret === null) return null;
  const key = keyFor(purpose, secret);
  const both = utf8(`${from.person}${to.person}`);
  const plain = openAesGcm(key, zeroNonce, bytes.subarray(sealedFrom), concatBytes(front, both));
  wipe(key, secret);
  if (plain === null) return null;
  const text = plain.slice(hybridSignatureBytes);
  return from.verify(concatBytes(front, both, text), plain.subarray(0, hybridSignatureBytes)) ? text : null;
}

export interface SealedLettersDeps {
  readonly purpose: string;
  readonly people: Sealing;
  /** What carries them: to all devices of a contact, from the mesh key of one. */
  readonly letters: {
    send(contact: string, letter: Uint8Array): void;
    onLetter(take: (from: Uint8Array, letter: Uint8Array) => void): () => void;
  };
  readonly random: (n: number) => Uint8Array;
  /** Longer ones are not opened. */
  readonly most: number;
}

/** Letters between contacts for one purpose, sealed and signed. */
export function createSealedLetters({ purpose, people, letters, random, most }: SealedLettersDeps) {
  const locked = () => fail('LOCKED', 'Hypha is locked.', { next: 'Unlock with your passphrase.' });
  return {
    /** @throws Fail LOCKED, CONTACT_WAITING and as what carries it */
    send(contact: string, text: Uint8Array): void {
      const self = people.self();
      if (self === null) throw locked();
      const keys = people.keys(contact);
      const sealed = keys === null ? null : sealLetter(purpose, text, self, keys, random);
      if (sealed === null)
        throw fail('CONTACT_WAITING', 'Nothing can be sealed for this contact yet.', {
          next: 'Wait until their whole card has come.',
        });
      letters.send(contact, sealed);
    },
    /** Those of known contacts. It is gone once `take` returns, and comes again when that throws, and while locked. */
    onLetter(take: (contact: string, text: Uint8Array) => void): () => void {
      return letters.onLetter((device, letter) => {
        const contact = people.ofDevice(device);
        if (contact === null || letter.length > most) return;
        const self = people.self();
        if (self === null) throw locked();
        const keys = people.keys(contact);
        const text = keys === null ? null : openLetter(purpose, letter, keys, self);
        if (text !== null) take(contact, text);
      });
    },
  };
}
