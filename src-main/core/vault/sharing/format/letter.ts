import { z } from 'zod';
import { openAesGcm, sealAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { xwingCiphertextBytes, xwingEncapsulate, xwingRandomBytes } from '#core/crypto/kem.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { itemNameSchema } from '#shared/contract/vault.ts';
import { personIdSchema, timeSchema } from '#shared/model/ids.ts';
import { bytesSchema, pack, unpack } from '../../format/packed.ts';
import type { ContactKeys, OwnKeys } from '../ports.ts';

/*
 * A letter about a share, from its owner to whom it is for (docs/formats/sharing.md):
 *
 *   0     4      "HYSL"
 *   4     1      version, 1
 *   5     1120   X-Wing ciphertext for the receiver's key
 *   1125  n+16   AES-256-GCM of signature || msgpack map, key = HKDF-SHA-512(secret, salt "", "hypha share letter v1", 32), nonce
 *                zero (the key is used once), associated data = bytes 0 to 1125 || owner's person id || receiver's person id
 *
 * The signature, Ed25519 || ML-DSA-65 by the owner, is over bytes 0 to 1125 || both person ids || the map: so a letter cannot be
 * sealed anew for somebody else in the owner's name.
 */

const head = utf8('HYSL\x01');
const sealedFrom = head.length + xwingCiphertextBytes;
const info = 'hypha share letter v1';
export const letterSignatureBytes = 64 + 3309;
/** Longer ones are not opened. */
export const letterMostBytes = 16_384;

export const shareIdSchema = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
const generation = z.number().int().min(1).max(0xffff_ffff);

const offerSchema = z.strictObject({
  what: z.literal('offer'),
  share: shareIdSchema,
  generation,
  /** Counts letters of one generation: the port may have changed. */
  revision: z.number().int().nonnegative().max(0xffff_ffff),
  /** Of the generation; random. */
  key: bytesSchema(32),
  kind: z.enum(['file', 'folder']),
  name: itemNameSchema,
  access: z.enum(['read', 'write']),
  expires: timeSchema.nullable(),
  at: timeSchema,
  /** Where it is served: mesh key of the owner's device, and the port on its mesh address. */
  device: bytesSchema(32),
  port: z.number().int().min(1).max(65_535),
});
const endSchema = z.strictObject({
  what: z.literal('end'),
  share: shareIdSchema,
  generation,
  at: timeSchema,
});
export const letterSchema = z.discriminatedUnion('what', [offerSchema, endSchema]);
export type ShareOffer = z.infer<typeof offerSchema>;
export type ShareLetter = z.infer<typeof letterSchema>;

const bothOf = (owner: string, receiver: string): Uint8Array =>
  utf8(`${personIdSchema.parse(owner)}${personIdSchema.parse(receiver)}`);

/** @returns null when nothing can be sealed to the receiver's key */
export function writeLetter(
  letter: ShareLetter,
  from: OwnKeys,
  to: Pick<ContactKeys, 'person' | 'kem'>,
  random: (n: number) => Uint8Array,
): Uint8Array | null {
  const encapsulated = xwingEncapsulate(to.kem, random(xwingRandomBytes));
  if (encapsulated === null) return null;
  const front = concatBytes(head, encapsulated.ciphertext);
  const both = bothOf(from.person, to.person);
  const body = pack(letterSchema.parse(letter));
  const signature = from.sign(concatBytes(front, both, body));
  const key = hkdfSha512(encapsulated.secret, new Uint8Array(0), info, 32);
  const sealed = sealAesGcm(key, new Uint8Array(12), concatBytes(signature, body), concatBytes(front, both));
  wipe(key, encapsulated.secret);
  return concatBytes(front, sealed);
}

/** @returns null for whatever is no letter of this person to us */
export function readLetter(
  bytes: Uint8Array,
  from: Pick<ContactKeys, 'person' | 'verify'>,
  to: Pick<OwnKeys, 'person' | 'open'>,
): ShareLetter | null {
  if (bytes.length > letterMostBytes || bytes.length < sealedFrom + letterSignatureBytes + 16) return null;
  if (!head.every((byte, i) => bytes[i] === byte)) return null;
  const front = bytes.subarray(0, sealedFrom);
  const secret = to.open(bytes.subarray(head.length, sealedFrom));
  if (secret === null) return null;
  const key = hkdfSha512(secret, new Uint8Array(0), info, 32);
  const both = bothOf(from.person, to.person);
  const plain = openAesGcm(key, new Uint8Array(12), bytes.subarray(sealedFrom), concatBytes(front, both));
  wipe(key, secret);
  if (plain === null) return null;
  const body = plain.subarray(letterSignatureBytes);
  if (!from.verify(concatBytes(front, both, body), plain.subarray(0, letterSignatureBytes))) return null;
  return unpack(letterSchema, body);
}
