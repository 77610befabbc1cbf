import { z } from 'zod';
import { utf8 } from '#core/crypto/bytes.ts';
import { fromBase64url, toBase32, toBase64url } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { xwingPublicKeyBytes } from '#core/crypto/kem.ts';
import { mlDsa65PublicKeyBytes, mlDsa65Sign, mlDsa65SignatureBytes, mlDsa65Verify } from '#core/crypto/pq-sign.ts';
import { ed25519Sign, ed25519Verify } from '#core/crypto/sign.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { deviceIdSchema, type PersonId, personIdSchema, timeSchema } from '#shared/model/ids.ts';
import type { KeySet, PublicKeySet } from './person-keys.ts';

/*
 * Entries of a person's key log, format version 1 (docs/formats/key-log.md): JSON objects, bytes as base64url. What is
 * signed and hashed is `hypha/v1/key-log`, a line feed, and the canonical JSON (RFC 8785) of the entry without its
 * signatures.
 */

const domain = 'hypha/v1/key-log';
const proofDomain = 'hypha/v1/device-proof';

const bytesOf = (length: number) =>
  z.string().refine((text) => fromBase64url(text)?.length === length, `expected ${length} bytes as base64url`);

const keySetSchema = z.strictObject({
  sign: bytesOf(32),
  pq: bytesOf(mlDsa65PublicKeyBytes),
  kem: bytesOf(xwingPublicKeyBytes),
});
const signatures = { sig: bytesOf(64), pqSig: bytesOf(mlDsa65SignatureBytes) };
const hash = bytesOf(32);

export const inceptionSchema = z.strictObject({
  v: z.literal(1),
  type: z.literal('inception'),
  keys: keySetSchema,
  /** Hash of the key set that may take over: SHA-256 of its canonical JSON under the log's domain. */
  next: hash,
  ...signatures,
});

export const rotateSchema = z.strictObject({
  v: z.literal(1),
  type: z.literal('rotate'),
  /** Hash of the inception or rotation before it. */
  on: hash,
  keys: keySetSchema,
  next: hash,
  /** Hashes of the device-add entries that stay valid; every other device is revoked by this. */
  keeps: z.array(hash).max(256),
  at: timeSchema,
  ...signatures,
});

export const deviceAddSchema = z.strictObject({
  v: z.literal(1),
  type: z.literal('device-add'),
  on: hash,
  device: deviceIdSchema,
  keys: z.strictObject({ sign: bytesOf(32), mesh: bytesOf(32), meshSign: bytesOf(32), host: bytesOf(32) }),
  at: timeSchema,
  /** The device's own Ed25519 signature: it holds the key it is named by. */
  proof: bytesOf(64),
  ...signatures,
});

export const deviceRevokeSchema = z.strictObject({
  v: z.literal(1),
  type: z.literal('device-revoke'),
  on: hash,
  device: deviceIdSchema,
  at: timeSchema,
  ...signatures,
});

export const entrySchema = z.discriminatedUnion('type', [
  inceptionSchema,
  rotateSchema,
  deviceAddSchema,
  deviceRevokeSchema,
]);
export type Entry = z.infer<typeof entrySchema>;
type Unsigned<T> = T extends Entry ? Omit<T, 'sig' | 'pqSig'> : never;
export type UnsignedEntry = Unsigned<Entry>;
export type DeviceAdd = z.infer<typeof deviceAddSchema>;

function signedBytes(entry: Entry | UnsignedEntry): Uint8Array {
  return utf8(`${domain}\n${canonicalJson({ ...entry, sig: undefined, pqSig: undefined })}`);
}

export function entryHash(entry: Entry | UnsignedEntry): Uint8Array {
  return sha256(signedBytes(entry));
}

/** The person an inception begins: `hy1` and the base32 of its hash. Signatures do not enter it. */
export function personIdOf(inception: Entry | UnsignedEntry): PersonId {
  return personIdSchema.parse(`hy1${toBase32(entryHash(inception))}`);
}

export function encodeKeySet(keys: PublicKeySet): z.infer<typeof keySetSchema> {
  return { sign: toBase64url(keys.sign), pq: toBase64url(keys.pq), kem: toBase64url(keys.kem) };
}

/** @throws never for a key set that passed the schema */
export function decodeKeySet(keys: z.infer<typeof keySetSchema>): PublicKeySet {
  return { sign: bytes(keys.sign), pq: bytes(keys.pq), kem: bytes(keys.kem) };
}

/** What a record says about the key set after it without showing it. */
export function commitment(keys: PublicKeySet): string {
  return toBase64url(sha256(utf8(`${domain}\n${canonicalJson(encodeKeySet(keys))}`)));
}

/** Both signatures, Ed25519 and ML-DSA-65. */
export function signEntry<T extends UnsignedEntry>(entry: T, keys: Pick<KeySet, 'signSeed' | 'pqSecret'>) {
  const message = signedBytes(entry);
  return {
    ...entry,
    sig: toBase64url(ed25519Sign(keys.signSeed, message)),
    pqSig: toBase64url(mlDsa65Sign(keys.pqSecret, message, domain)),
  };
}

/** Whether both signatures are these keys'. */
export function entryIsSignedBy(entry: Entry, keys: PublicKeySet): boolean {
  const message = signedBytes(entry);
  return (
    ed25519Verify(keys.sign, message, bytes(entry.sig)) && mlDsa65Verify(keys.pq, message, bytes(entry.pqSig), domain)
  );
}

function proofBytes(entry: Omit<DeviceAdd, 'proof' | 'sig' | 'pqSig'>): Uint8Array {
  const bare = { ...entry, proof: undefined, sig: undefined, pqSig: undefined };
  return utf8(`${proofDomain}\n${canonicalJson(bare)}`);
}

export function proveDevice(entry: Omit<DeviceAdd, 'proof' | 'sig' | 'pqSig'>, deviceSignSeed: Uint8Array): string {
  return toBase64url(ed25519Sign(deviceSignSeed, proofBytes(entry)));
}

export function deviceProofHolds(entry: DeviceAdd): boolean {
  return ed25519Verify(bytes(entry.keys.sign), proofBytes(entry), bytes(entry.proof));
}

/** For text that passed a schema above; a wrong one would fail every check it is used in. */
export function bytes(text: string): Uint8Array {
  return fromBase64url(text) ?? new Uint8Array(0);
}
