import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import type { DeviceId } from '#shared/model/ids.ts';
import { readBytes } from './contacts/byte-reader.ts';
import { decodeLog, encodeLog } from './contacts/log-bytes.ts';
import type { Identity } from './index.ts';
import { verifyKeyLog } from './key-log.ts';
import { entryHash } from './key-log-entry.ts';
import { signFor, verifyFor } from './signed-message.ts';

/*
 * The person's own devices, for parts of Hypha that work between them. What a device says is signed with its own key, which is
 * never derived from the phrase: a device that was revoked, and still has the phrase, cannot speak for another.
 */

export interface OwnDevice {
  readonly id: DeviceId;
  /** As the person called it; null for one that another device certified and nobody has told the name of. */
  readonly name: string | null;
  /** Mesh key, 64 hex digits. */
  readonly mesh: string;
  readonly addedAt: number;
  readonly revokedAt: number | null;
  readonly current: boolean;
}

export interface OwnDevices {
  /** Revoked ones too; empty before there is an identity. */
  list(): readonly OwnDevice[];
  /** The person's keys are on this device, locked or not. */
  hasKeys(): boolean;
  /** By this device's own key, 64 bytes; null for a device without one. */
  sign(bytes: Uint8Array): Uint8Array | null;
  /** Whether a device, revoked or not, signed this. */
  verify(device: string, bytes: Uint8Array, signature: Uint8Array): boolean;
  /** What the key log holds, whatever its order; 32 bytes. */
  digest(): Uint8Array;
  /** The key log in the bytes of docs/formats/contact-card.md. */
  log(): Uint8Array;
  /** Take in what another device knows of the log: every entry proves itself. @returns whether there was anything new */
  merge(log: Uint8Array): Promise<boolean>;
  onChange(changed: () => void): () => void;
}

type Owner = Pick<Identity, 'self' | 'deviceKeys' | 'isKeyless' | 'merge' | 'onChange'>;

/** @param purpose a signature for one purpose is none for another */
export function createOwnDevices(purpose: string, identity: Owner): OwnDevices {
  return {
    list() {
      const self = identity.self();
      if (self === null) return [];
      return self.log.devices.map(({ id, keys, addedAt, revokedAt }) => ({
        ...{ id, addedAt, revokedAt, mesh: toHex(keys.mesh), current: id === self.device },
        name: self.deviceNames[id] ?? null,
      }));
    },
    hasKeys: () => identity.self() !== null && !identity.isKeyless(),
    sign(bytes) {
      const device = identity.deviceKeys();
      return device && signFor(purpose, bytes, device.keys.sign);
    },
    verify(device, bytes, signature) {
      const known = identity.self()?.log.devices.find(({ id }) => id === device);
      return known !== undefined && signature.length === 64 && verifyFor(purpose, bytes, signature, known.keys.sign);
    },
    digest() {
      const hashes = (identity.self()?.entries ?? []).map((entry) => toHex(entryHash(entry))).sort();
      return sha256(Buffer.from(hashes.join(), 'latin1'));
    },
    log: () => encodeLog(identity.self()?.entries ?? []),
    async merge(log) {
      const entries = decodeLog(readBytes(log));
      return entries === null || !verifyKeyLog(entries).ok ? false : identity.merge(entries);
    },
    onChange: identity.onChange,
  };
}
