import { x25519PublicKey } from '#core/crypto/agree.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { fromBase64url, fromHex, toHex } from '#core/crypto/encoding.ts';
import { xwingDecapsulate } from '#core/crypto/kem.ts';
import { mlDsa65Sign, mlDsa65SignatureBytes, mlDsa65Verify } from '#core/crypto/pq-sign.ts';
import { ed25519SignatureBytes } from '#core/crypto/sign.ts';
import { readBytes } from './contacts/byte-reader.ts';
import type { Contacts } from './contacts/index.ts';
import { decodeLog } from './contacts/log-bytes.ts';
import type { Identity } from './index.ts';
import { decodeKeySet } from './key-log-entry.ts';
import type { KeySet, PublicKeySet } from './person-keys.ts';
import { signFor, verifyFor } from './signed-message.ts';
import { onKeysChange } from './who-is-in.ts';

/*
 * What one person seals for another and signs: under the X-Wing, Ed25519 and ML-DSA-65 keys that their key log has in force
 * (docs/formats/key-log.md). They are bound to the person by that log, so no key is exchanged or trusted on first use beside it.
 */

/** Ed25519 || ML-DSA-65; both must hold. */
export const hybridSignatureBytes = ed25519SignatureBytes + mlDsa65SignatureBytes;

/** Somebody as others seal to them and check what they signed. */
export interface SealingKeys {
  readonly person: string;
  /** How many rotations of their keys there were. */
  readonly epoch: number;
  /** X-Wing, 1,216 bytes. */
  readonly kem: Uint8Array;
  /** Mesh keys of devices that were not revoked, 32 bytes each. */
  readonly devices: readonly Uint8Array[];
  verify(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** The person themselves, while unlocked. */
export interface SealingSelf {
  readonly person: string;
  /** Mesh key of this device. */
  readonly device: Uint8Array;
  /** {@link hybridSignatureBytes} long. */
  sign(bytes: Uint8Array): Uint8Array;
  /** Whether this person signed it, with the keys that are in force. */
  verify(bytes: Uint8Array, signature: Uint8Array): boolean;
  /** The secret that somebody encapsulated to this person; null for what is no ciphertext. */
  open(ciphertext: Uint8Array): Uint8Array | null;
}

/** People as another part of Hypha seals and signs for them, for one purpose. */
export interface Sealing {
  /** Null while locked, and on a device without the person's keys. */
  self(): SealingSelf | null;
  /** Null while locked, for whom only the short card is here, and for one that is blocked, removed or not there. */
  keys(contact: string): SealingKeys | null;
  /** The id of a contact by name, label or id. @throws Fail NOT_FOUND, LOCKED, NO_IDENTITY, KEYLESS */
  find(who: string): string;
  /** The name is null while locked. */
  about(contact: string): {
    readonly name: string | null;
    readonly verified: boolean;
    readonly state: 'known' | 'blocked' | 'gone';
  };
  /** Whose device this is, locked or not; null for strangers and who is blocked. */
  ofDevice(meshKey: Uint8Array): string | null;
  /** The keys came or went, or contacts changed. */
  onChange(changed: () => void): () => void;
}

function framed(purpose: string, bytes: Uint8Array): { readonly context: string; readonly message: Uint8Array } {
  const context = `hypha/v1/sign/${purpose}`;
  return { context, message: concatBytes(utf8(`${context}\n`), bytes) };
}

export function signHybrid(
  purpose: string,
  bytes: Uint8Array,
  keys: Pick<KeySet, 'signSeed' | 'pqSecret'>,
): Uint8Array {
  const { context, message } = framed(purpose, bytes);
  return concatBytes(signFor(purpose, bytes, keys.signSeed), mlDsa65Sign(keys.pqSecret, message, context));
}

export function verifyHybrid(
  purpose: string,
  bytes: Uint8Array,
  signature: Uint8Array,
  keys: Pick<PublicKeySet, 'sign' | 'pq'>,
): boolean {
  if (signature.length !== hybridSignatureBytes) return false;
  const { context, message } = framed(purpose, bytes);
  const [classic, pq] = [signature.subarray(0, ed25519SignatureBytes), signature.subarray(ed25519SignatureBytes)];
  return verifyFor(purpose, bytes, classic, keys.sign) && mlDsa65Verify(keys.pq, message, pq, context);
}

type Owner = Pick<Identity, 'isUnlocked' | 'person' | 'personKeys' | 'deviceKeys' | 'onChange'>;
type Known = Pick<Contacts, 'keyLog' | 'find' | 'about' | 'isVerified' | 'peers' | 'onChange'>;

/** @param purpose lower-case letters, digits, dashes: a signature for one purpose is none for another */
export function createSealing(purpose: string, identity: Owner, contacts: Known): Sealing {
  return {
    self() {
      const [person, device] = [identity.person(), identity.deviceKeys()];
      if (!identity.isUnlocked() || person === null || device === null || identity.personKeys() === null) return null;
      return {
        person: person.id,
        device: x25519PublicKey(device.keys.mesh),
        sign(bytes) {
          const keys = identity.personKeys()?.current;
          if (keys === undefined) throw new Error('the keys went while something was being signed');
          return signHybrid(purpose, bytes, keys);
        },
        verify(bytes, signature) {
          const keys = identity.personKeys()?.current;
          return keys !== undefined && verifyHybrid(purpose, bytes, signature, keys.public);
        },
        open(ciphertext) {
          const keys = identity.personKeys()?.current;
          return keys === undefined ? null : xwingDecapsulate(keys.kem.secret, ciphertext);
        },
      };
    },
    keys(contact) {
      const known = contacts.keyLog(contact);
      const bytes = known && fromBase64url(known.log);
      const entries = bytes && decodeLog(readBytes(bytes));
      // Verified before it was written, and authenticated since: the last record is the one in force.
      const last = entries?.findLast(({ type }) => type === 'inception' || type === 'rotate');
      if (!known || (last?.type !== 'inception' && last?.type !== 'rotate')) return null;
      const keys = decodeKeySet(last.keys);
      return {
        ...{ person: known.person, epoch: known.epoch, kem: keys.kem },
        devices: known.meshKeys.flatMap((key) => fromHex(key) ?? []),
        verify: (message, signature) => verifyHybrid(purpose, message, signature, keys),
      };
    },
    find: contacts.find,
    about(contact) {
      const peer = contacts.peers().find((one) => one.contact === contact);
      const about = contacts.about(contact);
      const verified = contacts.isVerified(contact);
      if (about === null) {
        const state = peer === undefined ? 'gone' : peer.blocked ? 'blocked' : 'known';
        return { name: null, verified, state };
      }
      const state = about.removed ? 'gone' : about.blocked ? 'blocked' : 'known';
      return { name: about.petname, verified, state };
    },
    ofDevice(meshKey) {
      const wanted = toHex(meshKey);
      return contacts.peers().find(({ blocked, meshKeys }) => !blocked && meshKeys.includes(wanted))?.contact ?? null;
    },
    onChange(changed) {
      const stops = [contacts.onChange(changed), onKeysChange(identity, changed)];
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
