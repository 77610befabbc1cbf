import { z } from 'zod';
import { utf8 } from '#core/crypto/bytes.ts';
import { fromBase64url, toBase64url, toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import type { VerifiedLog } from '../key-log.ts';
import type { Entry } from '../key-log-entry.ts';
import { encodeShortCard, encodeWholeCard, shortCardDevicesMost } from './card-format.ts';
import { encodeLog } from './log-bytes.ts';

const dayMs = 24 * 3_600_000;
/** A card that lies around for longer says little; who knows the person already keeps them without a card. */
export const cardLifeMs = 365 * dayMs;

/** My own card, both forms, as last signed: kept, so that it can be handed out while locked. Public. */
const myCardSchema = z.strictObject({
  v: z.literal(1),
  /** SHA-256 of name and key log: another one means that the card is out of date. */
  of: z.string(),
  name: z.string(),
  sequence: z.number().int().nonnegative(),
  expiresAt: z.number().int().nonnegative(),
  whole: z.string(),
  short: z.string(),
});
export type MyCard = z.infer<typeof myCardSchema>;

export interface Self {
  readonly name: string;
  readonly entries: readonly Entry[];
  readonly log: VerifiedLog;
  /** This device's id: its mesh key comes first on the short card. */
  readonly device: string | null;
}

export function contentOf({ name, entries, device }: Self): string {
  return toHex(sha256(utf8(`${name}\n${device ?? ''}\n`), encodeLog(entries)));
}

/** @param before the last card made on this device, whose sequence the new one passes even when the clock went back */
export function makeMyCard(self: Self, signSeed: Uint8Array, now: number, before: MyCard | null): MyCard {
  const sequence = Math.max(now, (before?.sequence ?? 0) + 1);
  const terms = { name: self.name, sequence, issuedAt: now, expiresAt: now + cardLifeMs };
  const devices = self.log.devices
    .filter(({ revokedAt }) => revokedAt === null)
    .sort((a, b) => Number(b.id === self.device) - Number(a.id === self.device) || b.addedAt - a.addedAt);
  const short = { ...terms, person: self.log.person, sign: self.log.keys.sign };
  const meshKeys = devices.slice(0, shortCardDevicesMost).map(({ keys }) => keys.mesh);
  return {
    v: 1,
    of: contentOf(self),
    name: self.name,
    sequence,
    expiresAt: terms.expiresAt,
    whole: toBase64url(encodeWholeCard({ ...terms, entries: self.entries }, signSeed)),
    short: toBase64url(encodeShortCard({ ...short, meshKeys }, signSeed)),
  };
}

/** A card is renewed at half its life. */
export function isFresh(card: MyCard, now: number): boolean {
  return card.expiresAt - now > cardLifeMs / 2 && card.expiresAt - now <= cardLifeMs;
}

export function encodeMyCard(card: MyCard): Uint8Array {
  return utf8(JSON.stringify(card));
}

export function decodeMyCard(bytes: Uint8Array | null): MyCard | null {
  if (bytes === null) return null;
  try {
    const parsed = myCardSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The whole card's bytes. */
export function wholeBytes(card: MyCard): Uint8Array {
  return fromBase64url(card.whole) ?? new Uint8Array(0);
}
