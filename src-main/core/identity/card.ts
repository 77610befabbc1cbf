import { utf8 } from '#core/crypto/bytes.ts';
import { fromBase64url, fromHex, toBase64url, toHex } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { ed25519Sign, ed25519Verify } from '#core/crypto/sign.ts';
import { type Card, cardSchema } from '#shared/contract/identity.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import { type VerifiedLog, verifyKeyLog } from './key-log.ts';
import type { KeySet } from './person-keys.ts';
import type { ProfileRecord } from './profile.ts';

/** The person's card, signed over the canonical JSON of everything but `sig`, so that tweetnacl alone can check it. */
export function makeCard(record: ProfileRecord, keys: KeySet, at: number): Card {
  const unsigned = {
    v: 1 as const,
    person: record.person,
    name: record.name,
    key: toHex(keys.public.sign),
    kem: toBase64url(keys.public.kem),
    pqKey: toBase64url(keys.public.pq),
    log: record.log,
    at,
  };
  return { ...unsigned, sig: toBase64url(ed25519Sign(keys.signSeed, cardBytes(unsigned))) };
}

function cardBytes(card: Omit<Card, 'sig'>): Uint8Array {
  return utf8(canonicalJson({ ...card, sig: undefined }));
}

/** A card whose key follows from the person id it names, or null. Any value. */
export function verifyCard(value: unknown): { card: Card; log: VerifiedLog } | null {
  const parsed = cardSchema.safeParse(value);
  if (!parsed.success) return null;
  const card = parsed.data;
  const verified = verifyKeyLog(card.log);
  if (!verified.ok || verified.log.person !== card.person) return null;
  const { keys } = verified.log;
  const [key, kem, pq, sig] = [
    fromHex(card.key),
    fromBase64url(card.kem),
    fromBase64url(card.pqKey),
    fromBase64url(card.sig),
  ];
  if (key === null || kem === null || pq === null || sig === null) return null;
  if (!equalBytes(key, keys.sign) || !equalBytes(kem, keys.kem) || !equalBytes(pq, keys.pq)) return null;
  return ed25519Verify(key, cardBytes(card), sig) ? { card, log: verified.log } : null;
}
