import { z } from 'zod';
import { aesGcmNonceBytes, openAesGcm, sealAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { displayNameSchema } from '#shared/contract/identity.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { type ContactId, contactIdSchema, deviceIdSchema, personIdSchema, timeSchema } from '#shared/model/ids.ts';

const hexKey = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

/** What is kept of one contact, sealed under the person's keys. */
const contactRecordSchema = z.strictObject({
  v: z.literal(1),
  id: contactIdSchema,
  person: personIdSchema,
  petname: displayNameSchema,
  label: z.string().max(63),
  name: displayNameSchema,
  sequence: count,
  issuedAt: timeSchema,
  /** The verified key log (log-bytes.ts, base64url) and what it says; null while only the short card is here. */
  known: z
    .strictObject({
      log: z.string(),
      epoch: count,
      devices: z.array(
        z.strictObject({
          id: deviceIdSchema,
          mesh: hexKey,
          addedAt: timeSchema,
          revokedAt: timeSchema.nullable(),
          /** When it was first told of here; left out where it was known from the first whole card on. */
          seenAt: timeSchema.optional(),
        }),
      ),
    })
    .nullable(),
  /** What the short card claims; null once the whole one is here. */
  claimed: z.strictObject({ sign: hexKey, mesh: z.array(hexKey) }).nullable(),
  addedAt: timeSchema,
  verifiedAt: timeSchema.nullable(),
  blocked: z.boolean(),
  removedAt: timeSchema.nullable(),
  forkSeenAt: timeSchema.nullable(),
});
export type ContactRecord = z.infer<typeof contactRecordSchema>;

const aad = (id: string): Uint8Array => utf8(`hypha/v1/contacts/record\n${id}`);

/** Each record has a key of its own, so that random 96-bit nonces never come near their limit (SP 800-38D, 8.3). */
function keyOf(contactsKey: Uint8Array, id: string): Uint8Array {
  return hkdfSha512(contactsKey, new Uint8Array(0), `hypha/v1/contacts/record/${id}`, 32);
}

/** nonce 12 || AES-256-GCM of the record's canonical JSON; bound to its id, so that rows cannot change places. */
export function sealRecord(record: ContactRecord, contactsKey: Uint8Array, random: (n: number) => Uint8Array) {
  const key = keyOf(contactsKey, record.id);
  const nonce = random(aesGcmNonceBytes);
  const sealed = sealAesGcm(key, nonce, utf8(canonicalJson(record)), aad(record.id));
  wipe(key);
  return concatBytes(nonce, sealed);
}

/** Null for bytes that were not sealed as this contact under this key. */
export function openRecord(id: ContactId, sealed: Uint8Array, contactsKey: Uint8Array): ContactRecord | null {
  if (sealed.length < aesGcmNonceBytes) return null;
  const key = keyOf(contactsKey, id);
  const plain = openAesGcm(key, sealed.slice(0, aesGcmNonceBytes), sealed.subarray(aesGcmNonceBytes), aad(id));
  wipe(key);
  if (plain === null) return null;
  try {
    const parsed = contactRecordSchema.safeParse(JSON.parse(new TextDecoder().decode(plain)));
    return parsed.success && parsed.data.id === id ? parsed.data : null;
  } catch {
    return null;
  }
}
