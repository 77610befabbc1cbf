import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { decode, encode } from '@msgpack/msgpack';
import { z } from 'zod';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { settingsSchema } from '#shared/contract/system.ts';
import { snapshotPolicySchema } from '#shared/contract/vault/versions.ts';
import { type PlaceSecret, placeAddressSchema, placeSecretSchema } from '#shared/contract/vault.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { binarySchema } from '#shared/model/ids.ts';
import type { VaultKeys } from '../format/keys.ts';
import { openRow, sealRow } from '../format/row.ts';

/*
 * A recovery kit (docs/formats/recovery-kit.md): what is needed besides the words to take a vault up on an empty computer. What anybody
 * may read of it is canonical JSON; what opens the places is sealed under the person's root and bound to that JSON, so that nobody can
 * make a kit which sends a password to another server.
 */

const hex16 = z.string().regex(/^[0-9a-f]{32}$/);

export const kitBodySchema = z.strictObject({
  v: z.literal(1),
  /** Id of the vault. */
  vault: hex16,
  /** Tells whether a person's root opens it; as in the mark of a place. */
  check: hex16,
  k: z.number().int().min(1).max(64),
  m: z.number().int().min(0).max(63),
  /** ms since 1970. */
  madeAt: z.number().int().nonnegative(),
  /** What the person is called; empty where that is not known. */
  person: z.string().max(64),
  places: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
        name: z.string().max(64),
        owner: z.string().max(64),
        site: z.string().max(64),
        address: placeAddressSchema,
      }),
    )
    .max(64),
  settings: z.strictObject({
    theme: settingsSchema.shape.theme.unwrap().optional(),
    language: settingsSchema.shape.language.unwrap().optional(),
    notifications: z.boolean().optional(),
    snapshots: snapshotPolicySchema.optional(),
  }),
});
export type KitBody = z.infer<typeof kitBodySchema>;

export interface Kit {
  readonly body: KitBody;
  /** What opens the places, by id of the place, sealed. */
  readonly sealed: Uint8Array;
}

const magic = utf8('HYKIT');
const version = 1;
const headBytes = magic.length + 1 + 2;
const sumBytes = 8;
/** A kit of 64 places has a tenth of it. */
const mostBytes = 256 * 1024;

const idOf = (body: KitBody): string => toHex(sha256(utf8(canonicalJson(body))));

/** The state of the vault that lay on its places when the kit was made: the head of the newest copy of its catalogue (format/head.ts). */
const stateSchema = z.object({
  generation: z.number().int().positive(),
  hash: binarySchema.refine((b) => b.length === 32),
  /** When it was copied there; ms since 1970. */
  at: z.number().int().nonnegative(),
});
export type KnownState = z.infer<typeof stateSchema>;

/** What of a kit is sealed. */
export interface KitSecrets {
  /** What opens the places, by id. */
  readonly secrets: Readonly<Record<string, PlaceSecret>>;
  /** Null in kits of earlier releases, and where nothing was on the places yet. */
  readonly state: KnownState | null;
}

/** Among the ids of places, of which none looks like this: an earlier release takes it for a place without secrets that it does not know. */
const stateKey = '~state';

export function sealKit(
  keys: VaultKeys,
  random: (n: number) => Uint8Array,
  body: KitBody,
  { secrets, state }: KitSecrets,
): Kit {
  const plain = encode({ ...secrets, ...(state ? { [stateKey]: state } : {}) }, { ignoreUndefined: true });
  return { body, sealed: sealRow(keys, random, 'kit', idOf(body), plain) };
}

const secretsSchema = z.record(z.string(), placeSecretSchema);
const sealedSchema = z.record(z.string(), z.unknown());

/** @returns null when the kit is not one that these keys made, or was changed since */
export function openKit(keys: VaultKeys, { body, sealed }: Kit): KitSecrets | null {
  const plain = openRow(keys, 'kit', idOf(body), sealed);
  if (plain === null) return null;
  try {
    const { [stateKey]: known = null, ...rest } = sealedSchema.parse(decode(plain));
    const [secrets, state] = [secretsSchema.safeParse(rest), stateSchema.nullable().safeParse(known)];
    return secrets.success && state.success ? { secrets: secrets.data, state: state.data } : null;
  } catch {
    return null;
  }
}

/**
 *     5 "HYKIT" | u8 version, 1 | u16 length of the sealed part (big-endian) | the sealed part | the body: canonical JSON in UTF-8, deflated
 *     (RFC 1951) | 8 first bytes of SHA-256 over everything before
 */
export function encodeKit({ body, sealed }: Kit): Uint8Array {
  const head = concatBytes(magic, Uint8Array.of(version, sealed.length >> 8, sealed.length & 255));
  const all = concatBytes(head, sealed, deflateRawSync(utf8(canonicalJson(body)), { level: 9 }));
  return concatBytes(all, sha256(all).subarray(0, sumBytes));
}

export type KitOutcome =
  | { readonly ok: true; readonly kit: Kit }
  /** `NEWER`: whole, but a later release made it. */
  | { readonly ok: false; readonly why: 'DAMAGED' | 'NEWER' };

export function decodeKit(bytes: Uint8Array): KitOutcome {
  const damaged = { ok: false, why: 'DAMAGED' } as const;
  if (bytes.length < headBytes + sumBytes || bytes.length > mostBytes) return damaged;
  if (Buffer.compare(bytes.subarray(0, magic.length), magic) !== 0) return damaged;
  const all = bytes.subarray(0, -sumBytes);
  if (Buffer.compare(sha256(all).subarray(0, sumBytes), bytes.subarray(-sumBytes)) !== 0) return damaged;
  if ((bytes[magic.length] ?? 0) > version) return { ok: false, why: 'NEWER' };
  const length = ((bytes[headBytes - 2] ?? 0) << 8) | (bytes[headBytes - 1] ?? 0);
  if (bytes[magic.length] !== version || headBytes + length > all.length) return damaged;
  try {
    const text = inflateRawSync(all.subarray(headBytes + length), { maxOutputLength: mostBytes }).toString('utf8');
    const body = kitBodySchema.safeParse(JSON.parse(text));
    if (!body.success) return { ok: false, why: 'NEWER' };
    if (canonicalJson(body.data) !== text) return damaged;
    return { ok: true, kit: { body: body.data, sealed: all.slice(headBytes, headBytes + length) } };
  } catch {
    return damaged;
  }
}

/** Short enough to compare by eye: four groups of four hex digits. */
export const fingerprintOf = (kit: Kit): string =>
  (toHex(encodeKit(kit).slice(-sumBytes)).match(/.{4}/g) ?? []).join('-');
