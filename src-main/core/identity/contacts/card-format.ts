import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { fromBase32, toBase32 } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { displayNameSchema } from '#shared/contract/identity.ts';
import { type PersonId, personIdSchema } from '#shared/model/ids.ts';
import { type VerifiedLog, verifyKeyLog } from '../key-log.ts';
import type { Entry } from '../key-log-entry.ts';
import { signFor, verifyFor } from '../signed-message.ts';
import { readBytes, u8, u16, u64 } from './byte-reader.ts';
import { decodeLog, encodeLog } from './log-bytes.ts';

/*
 * Contact cards, version 1 (docs/formats/contact-card.md). Numbers are big-endian.
 *
 *   0   4  "HYCC"
 *   4   1  version, 1
 *   5   1  kind: 1 whole, 2 short
 *   6   8  sequence
 *  14   8  issued, ms since 1970
 *  22   8  expires, ms since 1970, after issued
 *  30   2  N, length of the display name in UTF-8
 *  32   N  display name
 *          whole: the key log (log-bytes.ts)
 *          short: person 32 (SHA-256 of the inception), sign 32, u8 count (1 to 8), count x mesh public key 32
 *  end 64  Ed25519 over everything before, for the purpose `contact-card`, by the person's key in force
 *
 * A whole card proves itself: the person id follows from the log's inception, the key in force and the devices from the rest.
 * A short one fits a QR code and proves only that one key said all of it; what it says of the person is for the whole card
 * to prove, which is asked for under the mesh keys that it names.
 */

const magic = utf8('HYCC');
const version = 1;
const purpose = 'contact-card';
const signatureBytes = 64;
/** A log of 256 entries has 950 kB. */
export const cardBytesMost = 1_000_000;
export const shortCardDevicesMost = 8;

interface CardHead {
  readonly person: PersonId;
  readonly name: string;
  /** Of two cards the higher is the newer one. Milliseconds of its making, or one more than the one before. */
  readonly sequence: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface WholeCard extends CardHead {
  readonly kind: 'whole';
  readonly entries: readonly Entry[];
  readonly log: VerifiedLog;
}

export interface ShortCard extends CardHead {
  readonly kind: 'short';
  /** Claimed to be the person's Ed25519 key in force; 32 bytes. */
  readonly sign: Uint8Array;
  /** Claimed to be mesh keys (X25519, 32 bytes) of the person's devices. */
  readonly meshKeys: readonly Uint8Array[];
}

export type ContactCard = WholeCard | ShortCard;

type Terms = Pick<CardHead, 'name' | 'sequence' | 'issuedAt' | 'expiresAt'>;

function head(kind: 1 | 2, { name, sequence, issuedAt, expiresAt }: Terms): Uint8Array {
  const text = utf8(name);
  return concatBytes(
    magic,
    u8(version),
    u8(kind),
    u64(sequence),
    u64(issuedAt),
    u64(expiresAt),
    u16(text.length),
    text,
  );
}

function signed(body: Uint8Array, signSeed: Uint8Array): Uint8Array {
  return concatBytes(body, signFor(purpose, body, signSeed));
}

export function encodeWholeCard(terms: Terms & { entries: readonly Entry[] }, signSeed: Uint8Array): Uint8Array {
  return signed(concatBytes(head(1, terms), encodeLog(terms.entries)), signSeed);
}

export function encodeShortCard(terms: Omit<ShortCard, 'kind'>, signSeed: Uint8Array): Uint8Array {
  const { meshKeys } = terms;
  const count = u8(Math.min(meshKeys.length, shortCardDevicesMost));
  const keys = concatBytes(...meshKeys.slice(0, shortCardDevicesMost));
  return signed(concatBytes(head(2, terms), personHash(terms.person), terms.sign, count, keys), signSeed);
}

export type CardOutcome =
  | { readonly ok: true; readonly card: ContactCard }
  /**
   * `NEWER` a later release's format. `MALFORMED` no card, or cut short, or changed. `LOG_BROKEN` its key log does not hold.
   * `BAD_SIGNATURE` signed by another key than the one that its log leads to.
   */
  | { readonly ok: false; readonly fault: 'MALFORMED' | 'NEWER' | 'LOG_BROKEN' | 'BAD_SIGNATURE' };

/** Any bytes: a card whose signature and key log hold, or why there is none. Whether it has expired is for the caller. */
export function decodeCard(bytes: Uint8Array): CardOutcome {
  const no = (fault: Exclude<CardOutcome, { ok: true }>['fault']) => ({ ok: false as const, fault });
  if (bytes.length > cardBytesMost) return no('MALFORMED');
  const reader = readBytes(bytes);
  if (!equalBytes(reader.take(4) ?? new Uint8Array(0), magic)) return no('MALFORMED');
  const written = reader.u8() ?? 0;
  if (written !== version) return no(written > version ? 'NEWER' : 'MALFORMED');
  const kind = reader.u8();
  const [sequence, issuedAt, expiresAt] = [reader.u64(), reader.u64(), reader.u64()];
  const name = readName(reader.take(reader.u16() ?? 0));
  if (sequence === null || issuedAt === null || expiresAt === null || name === null) return no('MALFORMED');
  if (expiresAt <= issuedAt) return no('MALFORMED');
  const terms = { name, sequence, issuedAt, expiresAt };
  const signatureHolds = (key: Uint8Array): boolean | null => {
    const end = reader.at();
    const signature = reader.take(signatureBytes);
    return signature === null || !reader.atEnd() ? null : verifyFor(purpose, bytes.subarray(0, end), signature, key);
  };

  if (kind === 1) {
    const entries = decodeLog(reader);
    if (entries === null) return no('MALFORMED');
    const verified = verifyKeyLog(entries);
    if (!verified.ok) return no('LOG_BROKEN');
    const holds = signatureHolds(verified.log.keys.sign);
    if (holds !== true) return no(holds === null ? 'MALFORMED' : 'BAD_SIGNATURE');
    const { log } = verified;
    return { ok: true, card: { kind: 'whole', person: log.person, ...terms, entries, log } };
  }
  if (kind !== 2) return no('MALFORMED');
  const hash = reader.take(32);
  const sign = reader.take(32);
  const count = reader.u8() ?? 0;
  if (hash === null || sign === null || count < 1 || count > shortCardDevicesMost) return no('MALFORMED');
  const meshKeys: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const key = reader.take(32);
    if (key === null) return no('MALFORMED');
    meshKeys.push(key);
  }
  const holds = signatureHolds(sign);
  if (holds !== true) return no(holds === null ? 'MALFORMED' : 'BAD_SIGNATURE');
  return { ok: true, card: { kind: 'short', person: personOfHash(hash), ...terms, sign, meshKeys } };
}

function readName(bytes: Uint8Array | null): string | null {
  if (bytes === null) return null;
  try {
    // The byte order mark is kept, so that it is refused like every other invisible character.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const parsed = displayNameSchema.safeParse(text);
    return parsed.success && parsed.data === text ? text : null;
  } catch {
    return null;
  }
}

function personHash(person: PersonId): Uint8Array {
  const hash = fromBase32(person.slice(3));
  // The id has its branded form, which spells 32 bytes but for spare bits, which no id made of a hash has.
  if (hash?.length !== 32) throw new RangeError('a person id spells no hash');
  return hash;
}

function personOfHash(hash: Uint8Array): PersonId {
  return personIdSchema.parse(`hy1${toBase32(hash)}`);
}
