import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { type XWingKeys, xwingKeys } from '#core/crypto/kem.ts';
import { mlDsa65Keys } from '#core/crypto/pq-sign.ts';
import { ed25519PublicKey } from '#core/crypto/sign.ts';
import { wipe } from '#core/crypto/wipe.ts';

/**
 * Labels of the person keys: HKDF-SHA-512 over the 32 bytes of BIP-39 entropy, empty salt, the label as info, 32 bytes
 * out. Frozen with vectors in docs/formats/keys.md; a changed label is another identity. The keys of the wallet are not among them: they
 * follow BIP-39 and BIP-44, so that they restore in any other wallet.
 */
export const personKeyLabels = {
  /** Ed25519 seed of the identity key of an epoch. */
  sign: (epoch: number) => `hypha/v1/sign/ed25519/${epoch}`,
  /** ML-DSA-65 seed, signs beside Ed25519. */
  pqSign: (epoch: number) => `hypha/v1/sign/ml-dsa-65/${epoch}`,
  /** X-Wing seed: what others seal to. */
  kem: (epoch: number) => `hypha/v1/kem/x-wing/${epoch}`,
  /** Root of the vault's keys; does not rotate with the signing keys. */
  vaultRoot: 'hypha/v1/vault/root',
  /** Seals the list of contacts on this person's devices. */
  contacts: 'hypha/v1/contacts',
  /** Seals keys that were brought into the wallet from elsewhere, on this device. */
  wallet: 'hypha/v1/wallet',
} as const;

/** The public half of one epoch's keys, raw bytes. */
export interface PublicKeySet {
  /** Ed25519, 32 bytes. */
  readonly sign: Uint8Array;
  /** ML-DSA-65, 1,952 bytes. */
  readonly pq: Uint8Array;
  /** X-Wing, 1,216 bytes. */
  readonly kem: Uint8Array;
}

/** One epoch's keys. Epoch 0 is in use from inception; the keys of epoch n+1 are the rotation keys of epoch n. */
export interface KeySet {
  readonly signSeed: Uint8Array;
  readonly pqSecret: Uint8Array;
  readonly kem: XWingKeys;
  readonly public: PublicKeySet;
}

export interface PersonKeys {
  readonly current: KeySet;
  /** Public half of the rotation keys: what the inception record commits to. */
  readonly next: PublicKeySet;
  /** 32 bytes. Zeroed at lock: who keeps it longer must copy, and wipe the copy at lock. */
  readonly vaultRoot: Uint8Array;
  /** 32 bytes, under the same rule. */
  readonly contacts: Uint8Array;
  /** 32 bytes, under the same rule. */
  readonly wallet: Uint8Array;
}

export function derive(entropy: Uint8Array, label: string): Uint8Array {
  return hkdfSha512(entropy, new Uint8Array(0), label, 32);
}

export function deriveKeySet(entropy: Uint8Array, epoch: number): KeySet {
  const signSeed = derive(entropy, personKeyLabels.sign(epoch));
  const pqSeed = derive(entropy, personKeyLabels.pqSign(epoch));
  const kemSeed = derive(entropy, personKeyLabels.kem(epoch));
  const pq = mlDsa65Keys(pqSeed);
  const kem = xwingKeys(kemSeed);
  wipe(pqSeed, kemSeed);
  return {
    signSeed,
    pqSecret: pq.secret,
    kem,
    public: { sign: ed25519PublicKey(signSeed), pq: pq.publicKey, kem: kem.publicKey },
  };
}

export function wipeKeySet(keys: KeySet): void {
  wipe(keys.signSeed, keys.pqSecret, keys.kem.secret);
}

/** All person keys but the wallet's. Tens of milliseconds. */
export function derivePersonKeys(entropy: Uint8Array): PersonKeys {
  const rotation = deriveKeySet(entropy, 1);
  wipeKeySet(rotation);
  return {
    current: deriveKeySet(entropy, 0),
    next: rotation.public,
    vaultRoot: derive(entropy, personKeyLabels.vaultRoot),
    contacts: derive(entropy, personKeyLabels.contacts),
    wallet: derive(entropy, personKeyLabels.wallet),
  };
}

export function wipePersonKeys(keys: PersonKeys): void {
  wipeKeySet(keys.current);
  wipe(keys.vaultRoot, keys.contacts, keys.wallet);
}
