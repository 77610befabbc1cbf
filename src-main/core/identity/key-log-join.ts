import { toBase64url } from '#core/crypto/encoding.ts';
import { keyLogMost, type VerifiedLog, verifyKeyLog } from './key-log.ts';
import { type DeviceAdd, type Entry, entryHash } from './key-log-entry.ts';

/*
 * Two states of one person's key log made one. Inceptions and rotations are a chain, so of two honest states one chain is
 * the beginning of the other; if not, somebody made two histories out of one person: a fork. Device entries hang on a
 * record of that chain and not on each other, so they are a set and are joined, and a revocation once seen stays.
 */

export type JoinOutcome =
  | { readonly ok: true; readonly entries: readonly Entry[]; readonly log: VerifiedLog }
  /**
   * `ANOTHER_PERSON` they begin differently. `FORKED` after a common beginning they go different ways, or one device has
   * two sets of keys. `TOO_LONG` together they exceed what a log may hold.
   */
  | { readonly ok: false; readonly why: 'ANOTHER_PERSON' | 'FORKED' | 'TOO_LONG' };

interface Epoch {
  readonly hash: string;
  readonly record: Entry;
  readonly devices: Entry[];
}

/** @param known and @param other verified logs; where both tell the same thing, the words of `known` are kept */
export function joinKeyLogs(known: readonly Entry[], other: readonly Entry[]): JoinOutcome {
  const [ours, theirs] = [epochsOf(known), epochsOf(other)];
  if (ours[0]?.hash !== theirs[0]?.hash) return { ok: false, why: 'ANOTHER_PERSON' };
  const [shorter, longer] = ours.length <= theirs.length ? [ours, theirs] : [theirs, ours];
  if (shorter.some(({ hash }, i) => hash !== longer[i]?.hash)) return { ok: false, why: 'FORKED' };
  const kept = new Set(longer.flatMap(({ record }) => (record.type === 'rotate' ? record.keeps : [])));
  const entries: Entry[] = [];
  for (const [i, { record }] of longer.entries()) {
    const devices = joinDevices([...(ours[i]?.devices ?? []), ...(theirs[i]?.devices ?? [])], kept);
    if (devices === null) return { ok: false, why: 'FORKED' };
    entries.push(record, ...devices);
  }
  if (entries.length > keyLogMost) return { ok: false, why: 'TOO_LONG' };
  const verified = verifyKeyLog(entries);
  // Each by itself held, so what does not hold together is a contradiction between the two.
  return verified.ok ? { ok: true, entries, log: verified.log } : { ok: false, why: 'FORKED' };
}

function epochsOf(log: readonly Entry[]): Epoch[] {
  const epochs: Epoch[] = [];
  for (const entry of log) {
    if (entry.type === 'inception' || entry.type === 'rotate')
      epochs.push({ hash: toBase64url(entryHash(entry)), record: entry, devices: [] });
    else epochs.at(-1)?.devices.push(entry);
  }
  return epochs;
}

/** Additions first, then revocations, each once; null when one device stands there with different keys. */
function joinDevices(entries: readonly Entry[], kept: ReadonlySet<string>): Entry[] | null {
  const added = new Map<string, DeviceAdd>();
  const revoked = new Map<string, Entry>();
  for (const entry of entries) {
    const hash = toBase64url(entryHash(entry));
    if (entry.type === 'device-revoke') {
      if (!revoked.has(hash)) revoked.set(hash, entry);
    } else if (entry.type === 'device-add') {
      const before = added.get(entry.device);
      if (before !== undefined && !sameKeys(before, entry)) return null;
      // The same device may have been certified twice, by two computers that knew nothing of each other. One of them stays:
      // that which a rotation names, else the known one.
      if (before === undefined || kept.has(hash)) added.set(entry.device, entry);
    }
  }
  return [...added.values(), ...revoked.values()];
}

function sameKeys({ keys: a }: DeviceAdd, { keys: b }: DeviceAdd): boolean {
  return a.sign === b.sign && a.mesh === b.mesh && a.meshSign === b.meshSign && a.host === b.host;
}
