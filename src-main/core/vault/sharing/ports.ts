import type { MeshOffers } from '../ports.ts';

/* What sharing needs of the rest of the agent: who people are, letters to them, and ways to their devices. */

/** A contact as the verified key log of theirs says. */
export interface ContactKeys {
  readonly person: string;
  /** How many times their keys were rotated. */
  readonly epoch: number;
  /** X-Wing, 1,216 bytes: what is for them is sealed to it. */
  readonly kem: Uint8Array;
  /** Mesh keys of their devices, 32 bytes each. */
  readonly devices: readonly Uint8Array[];
  /** Whether they signed this with both of their signing keys. */
  verify(bytes: Uint8Array, signature: Uint8Array): boolean;
}

/** The person themselves. */
export interface OwnKeys {
  readonly person: string;
  /** Mesh key of this device. */
  readonly device: Uint8Array;
  /** {@link letterSignatureBytes} long. */
  sign(bytes: Uint8Array): Uint8Array;
  /** The secret encapsulated to this person's X-Wing key; null for what is no ciphertext. */
  open(ciphertext: Uint8Array): Uint8Array | null;
}

export interface SharePeople {
  /** The id of a contact by name, label or id. @throws Fail NOT_FOUND, LOCKED */
  find(who: string): string;
  /** Names are null while locked. `gone`: removed, or never there. */
  about(contact: string): {
    readonly name: string | null;
    readonly verified: boolean;
    readonly state: 'known' | 'blocked' | 'gone';
  };
  /** Null while locked, and for whom nothing can be sealed now. */
  keys(contact: string): ContactKeys | null;
  /** Null while locked. */
  self(): OwnKeys | null;
  /** Whose device this is (mesh key, 32 bytes), locked or not; null for strangers and who is blocked. */
  ofDevice(device: Uint8Array): string | null;
  /** Contacts came, went or changed, or their keys and devices did. */
  onChange(changed: () => void): () => void;
}

/** Letters between the Hyphas of contacts: kept until they arrive, sealed by whoever writes them. */
export interface ShareLetters {
  /** To all devices of a contact. @throws Fail when it cannot be kept */
  send(contact: string, letter: Uint8Array): void;
  /**
   * Called with every letter that came, and the mesh key of the device that sent it. It is gone once `take` returns, and comes
   * again when that throws.
   */
  onLetter(take: (from: Uint8Array, letter: Uint8Array) => void): () => void;
}

/** A way across the mesh to a port of one device: a port of 127.0.0.1 here. */
export interface Way {
  readonly localPort: number;
  close(): Promise<void>;
}

export interface ShareWays extends Pick<MeshOffers, 'offer' | 'withdraw'> {
  /** @param device mesh key of the device that is meant @throws Fail MESH_OFF */
  open(device: Uint8Array, port: number): Promise<Way>;
}

export interface SharingDeps {
  readonly people: SharePeople;
  readonly letters: ShareLetters;
  readonly ways: ShareWays;
}
