import { fromBase64url, toBase64url, toHex } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import type { VerifiedLog } from '../key-log.ts';
import type { Entry } from '../key-log-entry.ts';
import { joinKeyLogs } from '../key-log-join.ts';
import { readBytes } from './byte-reader.ts';
import type { ContactCard, ShortCard, WholeCard } from './card-format.ts';
import { decodeLog, encodeLog } from './log-bytes.ts';
import type { ContactRecord } from './record.ts';

/* What a card changes about a contact: pure, so that every order of cards can be tried. */

/** The part of a record that comes from cards. */
export type FromCards = Pick<ContactRecord, 'name' | 'sequence' | 'issuedAt' | 'known' | 'claimed'>;

export type Meeting =
  | { readonly outcome: 'new' | 'unchanged'; readonly part: FromCards }
  | { readonly outcome: 'updated'; readonly part: FromCards }
  /** Another history of the same person's keys; nothing of it is taken over. */
  | { readonly outcome: 'forked' };

/** @param before what is known of this very person; null for a stranger */
export function meet(before: FromCards | null, card: ContactCard): Meeting {
  if (before === null) return { outcome: 'new', part: card.kind === 'whole' ? fromWhole(card) : fromShort(card) };
  if (card.kind === 'short') return meetShort(before, card);
  if (before.known === null) return { outcome: 'updated', part: fromWhole(card) };

  const known = decodeKnown(before.known.log);
  const joined = known === null ? null : joinKeyLogs(known, card.entries);
  // A log that cannot be read back is damage within an authenticated record: a fault, not something a card should mend.
  if (known === null || joined === null) throw new Error('the key log of a contact cannot be read back');
  if (!joined.ok) return { outcome: 'forked' };
  const newer = card.sequence > before.sequence;
  // Its keys were replaced since. An old card lies in somebody's mail; a new one made with old keys is made by whoever has
  // those, who is the person only if they have not heard of their own rotation.
  if (card.log.epoch < before.known.epoch)
    return newer ? { outcome: 'forked' } : { outcome: 'unchanged', part: before };
  const terms = newer ? card : before;
  const part: FromCards = {
    name: terms.name,
    sequence: terms.sequence,
    issuedAt: terms.issuedAt,
    known: knownOf(joined.entries, joined.log),
    claimed: null,
  };
  // An older card may still tell of a device that the newer one, made by another device, had not heard of.
  const same = !newer && part.known?.log === before.known.log;
  return same ? { outcome: 'unchanged', part: before } : { outcome: 'updated', part };
}

function meetShort(before: FromCards, card: ShortCard): Meeting {
  if (before.known !== null) return { outcome: 'unchanged', part: before };
  const sameKey = before.claimed !== null && before.claimed.sign === toHex(card.sign);
  if (!sameKey) return { outcome: 'forked' };
  return card.sequence > before.sequence
    ? { outcome: 'updated', part: fromShort(card) }
    : { outcome: 'unchanged', part: before };
}

function fromWhole({ name, sequence, issuedAt, entries, log }: WholeCard): FromCards {
  return { name, sequence, issuedAt, known: knownOf(entries, log), claimed: null };
}

function fromShort({ name, sequence, issuedAt, sign, meshKeys }: ShortCard): FromCards {
  const mesh = meshKeys.filter((key, i) => meshKeys.findIndex((other) => equalBytes(other, key)) === i).map(toHex);
  return { name, sequence, issuedAt, known: null, claimed: { sign: toHex(sign), mesh } };
}

function knownOf(entries: readonly Entry[], log: VerifiedLog): NonNullable<ContactRecord['known']> {
  return {
    log: toBase64url(encodeLog(entries)),
    epoch: log.epoch,
    devices: log.devices.map(({ id, keys, addedAt, revokedAt }) => ({
      id,
      mesh: toHex(keys.mesh),
      addedAt,
      revokedAt,
    })),
  };
}

function decodeKnown(log: string): Entry[] | null {
  const bytes = fromBase64url(log);
  return bytes && decodeLog(readBytes(bytes));
}
