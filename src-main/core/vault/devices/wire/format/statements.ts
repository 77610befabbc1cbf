import { z } from 'zod';
import { sha256 } from '#core/crypto/hash.ts';
import { xwingPublicKeyBytes } from '#core/crypto/kem.ts';
import { deviceIdSchema, timeSchema } from '#shared/model/ids.ts';
import { bytesSchema, pack, unpack } from '../../../format/packed.ts';

/*
 * What a device says and signs with its certified key (docs/formats/devices.md): which X-Wing key is its own for the exchange of
 * files, and which other device the person accepted at it. Both are msgpack maps with their keys in order, signed for the purpose
 * `vault-devices`.
 */

const signatureSchema = bytesSchema(64);

const announcementBody = {
  v: z.literal(1),
  what: z.literal('key'),
  device: deviceIdSchema,
  /** X-Wing, random, never derived from the phrase. */
  kem: bytesSchema(xwingPublicKeyBytes),
  at: timeSchema,
} as const;
const announcementSchema = z.strictObject({ ...announcementBody, sig: signatureSchema });
export type Announcement = z.infer<typeof announcementSchema>;

const acceptanceBody = {
  v: z.literal(1),
  what: z.literal('accept'),
  by: deviceIdSchema,
  device: deviceIdSchema,
  /** SHA-256 of the X-Wing key that was accepted: one that is made anew is accepted anew. */
  key: bytesSchema(32),
  at: timeSchema,
} as const;
export const acceptanceSchema = z.strictObject({ ...acceptanceBody, sig: signatureSchema });
export type Acceptance = z.infer<typeof acceptanceSchema>;

export type Sign = (bytes: Uint8Array) => Uint8Array | null;
export type Verify = (device: string, bytes: Uint8Array, signature: Uint8Array) => boolean;

export const encodeAnnouncement = (one: Announcement): Uint8Array => pack(one);
/** Null for anything that {@link encodeAnnouncement} does not write. */
export const decodeAnnouncement = (bytes: Uint8Array): Announcement | null => unpack(announcementSchema, bytes);
export const encodeAcceptance = (one: Acceptance): Uint8Array => pack(one);
export const decodeAcceptance = (bytes: Uint8Array): Acceptance | null => unpack(acceptanceSchema, bytes);

export const keyHash = (kem: Uint8Array): Uint8Array => sha256(kem);

/** @returns null for a device that has no certified key */
export function announce(device: Announcement['device'], kem: Uint8Array, at: number, sign: Sign): Announcement | null {
  const body = { v: 1 as const, what: 'key' as const, device, kem, at };
  const sig = sign(pack(body));
  return sig && { ...body, sig };
}

export function accept(
  by: Acceptance['by'],
  { device, kem }: Pick<Announcement, 'device' | 'kem'>,
  at: number,
  sign: Sign,
): Acceptance | null {
  const body = { v: 1 as const, what: 'accept' as const, by, device, key: keyHash(kem), at };
  const sig = sign(pack(body));
  return sig && { ...body, sig };
}

export function holds(one: Announcement | Acceptance, verify: Verify): boolean {
  const { sig, ...body } = one;
  return verify(one.what === 'key' ? one.device : one.by, pack(body), sig);
}
