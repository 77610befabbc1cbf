import { z } from 'zod';
import { type AesGcm, aesGcmNonceBytes, createAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { deviceIdSchema, timeSchema } from '#shared/model/ids.ts';
import { bytesSchema, pack, unpack } from '../../sharing/format/packed.ts';
import { acceptanceSchema } from './format/statements.ts';

/* What a device keeps of the person's other devices, each record sealed by itself (docs/formats/devices.md). */

/** This device. One that was certified anew begins anew. */
export const selfSchema = z.strictObject({
  v: z.literal(1),
  device: deviceIdSchema,
  /** The vault that the person said this for, 32 hex digits. */
  vault: z.string().regex(/^[0-9a-f]{32}$/),
  on: z.boolean(),
  /** Of this device's X-Wing key. */
  seed: bytesSchema(32),
  at: timeSchema,
});
export type Self = z.infer<typeof selfSchema>;

/** Another device, as it showed itself last. */
export const otherSchema = z.strictObject({
  v: z.literal(1),
  device: deviceIdSchema,
  name: z.string().max(200),
  /** Its announcement; null before it was met. */
  announcement: bytesSchema(1, 2048).nullable(),
  seenAt: timeSchema.nullable(),
  /** When nothing of it was to come last. */
  sameAt: timeSchema.nullable(),
});
export type Other = z.infer<typeof otherSchema>;

const schemas = { self: selfSchema, other: otherSchema, acceptance: acceptanceSchema } as const;
export type RecordKind = keyof typeof schemas;
export type RecordOf<K extends RecordKind> = z.infer<(typeof schemas)[K]>;

/** The key that seals the records, from the vault's root. */
export function recordKey(root: Uint8Array): AesGcm {
  const derived = hkdfSha512(root, new Uint8Array(0), 'hypha vault devices records v1', 32);
  const made = createAesGcm(derived);
  wipe(derived);
  return made;
}

/** nonce 12 || AES-256-GCM of the packed record, bound to its kind and id. */
export function sealRecord<K extends RecordKind>(
  key: AesGcm,
  kind: K,
  id: string,
  record: RecordOf<K>,
  random: (n: number) => Uint8Array,
): Uint8Array {
  const nonce = random(aesGcmNonceBytes);
  return concatBytes(nonce, key.seal(nonce, pack(record), utf8(`${kind} ${id}`)));
}

/** Null for what was not sealed as this record. */
export function openRecord<K extends RecordKind>(
  key: AesGcm,
  kind: K,
  id: string,
  sealed: Uint8Array,
): RecordOf<K> | null {
  if (sealed.length < aesGcmNonceBytes) return null;
  const [nonce, body] = [sealed.subarray(0, aesGcmNonceBytes), sealed.subarray(aesGcmNonceBytes)];
  const plain = key.open(nonce, body, utf8(`${kind} ${id}`));
  return plain && (unpack(schemas[kind], plain) as RecordOf<K> | null);
}
