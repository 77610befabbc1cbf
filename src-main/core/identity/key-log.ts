import { toBase64url } from '#core/crypto/encoding.ts';
import type { DeviceId, PersonId } from '#shared/model/ids.ts';
import { type DeviceKeys, type DevicePublicKeys, deviceIdOf, devicePublicKeys } from './device-keys.ts';
import {
  bytes,
  commitment,
  type DeviceAdd,
  decodeKeySet,
  deviceProofHolds,
  type Entry,
  encodeKeySet,
  entryHash,
  entryIsSignedBy,
  entrySchema,
  personIdOf,
  proveDevice,
  signEntry,
} from './key-log-entry.ts';
import type { KeySet, PersonKeys, PublicKeySet } from './person-keys.ts';

/*
 * The key log: which keys a person's id stands for, and which devices act for the person. Inception and rotations form a
 * chain, each naming the one before it and fulfilling the commitment it made. Device entries hang on the record in force
 * when they were made and not on each other, so two devices that certify themselves from the same phrase without having
 * met make entries that join without conflict.
 */

/** Each entry costs a few milliseconds to check. */
export const keyLogMost = 256;

/** The first record. It holds nothing but keys, so the same phrase always gives the same person id. */
export function makeInception(keys: PersonKeys): Entry {
  const unsigned = {
    v: 1 as const,
    type: 'inception' as const,
    keys: encodeKeySet(keys.current.public),
    next: commitment(keys.next),
  };
  return signEntry(unsigned, keys.current);
}

/** Certify a device: signed by the person's keys and by the device's own. */
export function makeDeviceAdd(head: Uint8Array, person: KeySet, device: DeviceKeys, at: number): Entry {
  const keys = devicePublicKeys(device);
  const unsigned = {
    v: 1 as const,
    type: 'device-add' as const,
    on: toBase64url(head),
    device: deviceIdOf(keys.sign),
    keys: {
      sign: toBase64url(keys.sign),
      mesh: toBase64url(keys.mesh),
      meshSign: toBase64url(keys.meshSign),
      host: toBase64url(keys.host),
    },
    at,
  };
  return signEntry({ ...unsigned, proof: proveDevice(unsigned, device.sign) }, person);
}

export function makeDeviceRevoke(head: Uint8Array, person: KeySet, device: DeviceId, at: number): Entry {
  return signEntry({ v: 1 as const, type: 'device-revoke' as const, on: toBase64url(head), device, at }, person);
}

export interface CertifiedDevice {
  readonly id: DeviceId;
  readonly keys: DevicePublicKeys;
  readonly addedAt: number;
  readonly revokedAt: number | null;
}

export interface VerifiedLog {
  readonly person: PersonId;
  /** How many rotations there were. */
  readonly epoch: number;
  /** The keys in force. */
  readonly keys: PublicKeySet;
  /** Hash of the record in force: what a new device entry hangs on. */
  readonly head: Uint8Array;
  readonly devices: readonly CertifiedDevice[];
}

export type LogFault =
  | 'EMPTY'
  | 'TOO_LONG'
  | 'MALFORMED'
  | 'NO_INCEPTION'
  | 'SECOND_INCEPTION'
  | 'WRONG_PREDECESSOR'
  | 'COMMITMENT_BROKEN'
  | 'BAD_SIGNATURE'
  | 'DEVICE_MISNAMED'
  | 'DEVICE_REPEATED'
  | 'DEVICE_UNKNOWN'
  | 'BAD_DEVICE_PROOF';

export type LogOutcome =
  | { readonly ok: true; readonly log: VerifiedLog }
  | { readonly ok: false; readonly fault: LogFault /** Index of the entry at fault. */; readonly at: number };

/**
 * Check a key log from its inception on. Pure; any input gives an outcome. Whoever relies on it compares `log.person`
 * with the id they know: a log speaks only for the id that its own inception hashes to.
 */
export function verifyKeyLog(entries: readonly unknown[]): LogOutcome {
  if (entries.length === 0) return { ok: false, fault: 'EMPTY', at: 0 };
  if (entries.length > keyLogMost) return { ok: false, fault: 'TOO_LONG', at: keyLogMost };
  const state = new LogState();
  for (const [at, candidate] of entries.entries()) {
    const parsed = entrySchema.safeParse(candidate);
    const fault = parsed.success ? state.add(parsed.data) : 'MALFORMED';
    if (fault !== null) return { ok: false, fault, at };
  }
  const log = state.result();
  return log === null ? { ok: false, fault: 'NO_INCEPTION', at: 0 } : { ok: true, log };
}

interface Established {
  readonly person: PersonId;
  readonly epoch: number;
  readonly keys: PublicKeySet;
  readonly next: string;
  readonly head: Uint8Array;
  readonly hash: string;
}

class LogState {
  #established: Established | null = null;
  readonly #devices = new Map<DeviceId, { added: DeviceAdd; hash: string; revokedAt: number | null }>();

  add(entry: Entry): LogFault | null {
    if (entry.type === 'inception') return this.#incept(entry);
    const established = this.#established;
    if (established === null) return 'NO_INCEPTION';
    if (entry.on !== established.hash) return 'WRONG_PREDECESSOR';
    if (entry.type === 'rotate') return this.#rotate(entry, established);
    if (!entryIsSignedBy(entry, established.keys)) return 'BAD_SIGNATURE';
    if (entry.type === 'device-add') return this.#addDevice(entry);
    const device = this.#devices.get(entry.device);
    if (device === undefined) return 'DEVICE_UNKNOWN';
    // Two devices may revoke the same one without knowing of each other: the earlier counts.
    device.revokedAt = Math.min(device.revokedAt ?? entry.at, entry.at);
    return null;
  }

  result(): VerifiedLog | null {
    if (this.#established === null) return null;
    const { person, epoch, keys, head } = this.#established;
    const devices = [...this.#devices.values()].map(({ added, revokedAt }) => ({
      id: added.device,
      keys: {
        sign: bytes(added.keys.sign),
        mesh: bytes(added.keys.mesh),
        meshSign: bytes(added.keys.meshSign),
        host: bytes(added.keys.host),
      },
      addedAt: added.at,
      revokedAt,
    }));
    return { person, epoch, keys, head, devices };
  }

  #incept(entry: Extract<Entry, { type: 'inception' }>): LogFault | null {
    if (this.#established !== null) return 'SECOND_INCEPTION';
    const keys = decodeKeySet(entry.keys);
    if (!entryIsSignedBy(entry, keys)) return 'BAD_SIGNATURE';
    const head = entryHash(entry);
    this.#established = {
      person: personIdOf(entry),
      epoch: 0,
      keys,
      next: entry.next,
      head,
      hash: toBase64url(head),
    };
    return null;
  }

  #rotate(entry: Extract<Entry, { type: 'rotate' }>, before: Established): LogFault | null {
    const keys = decodeKeySet(entry.keys);
    // The old keys need not sign: they may be the very thing that was stolen. The commitment says who may follow.
    if (commitment(keys) !== before.next) return 'COMMITMENT_BROKEN';
    if (!entryIsSignedBy(entry, keys)) return 'BAD_SIGNATURE';
    const known = new Set([...this.#devices.values()].map((device) => device.hash));
    if (!entry.keeps.every((hash) => known.has(hash))) return 'DEVICE_UNKNOWN';
    const kept = new Set(entry.keeps);
    for (const device of this.#devices.values()) if (!kept.has(device.hash)) device.revokedAt ??= entry.at;
    const head = entryHash(entry);
    this.#established = {
      person: before.person,
      epoch: before.epoch + 1,
      keys,
      next: entry.next,
      head,
      hash: toBase64url(head),
    };
    return null;
  }

  #addDevice(entry: DeviceAdd): LogFault | null {
    if (deviceIdOf(bytes(entry.keys.sign)) !== entry.device) return 'DEVICE_MISNAMED';
    // Also after its revocation: a device comes back with new keys only.
    if (this.#devices.has(entry.device)) return 'DEVICE_REPEATED';
    if (!deviceProofHolds(entry)) return 'BAD_DEVICE_PROOF';
    this.#devices.set(entry.device, { added: entry, hash: toBase64url(entryHash(entry)), revokedAt: null });
    return null;
  }
}
