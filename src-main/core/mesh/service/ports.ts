import type { Emit, Host, Logger } from '#core/host.ts';

/** What the mesh needs of the rest of the agent. */
export interface MeshDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** The data directory. */
  readonly home: string;
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number;
  readonly keys: {
    /** 32 bytes, this device's X25519 secret; null before an identity exists. */
    secret(): Uint8Array | null;
    onChange(changed: () => void): () => void;
  };
  readonly people: People & Cards;
  /** The person's keys are not in memory: what only they may see or do waits until they are. */
  readonly isLocked: () => boolean;
  /** The person's id; null before there is one. */
  readonly person: () => string | null;
}

/** The people the person knows, as identity tells of them. Mesh keys are X25519 public keys in hex. */
export interface People {
  /** Contacts by the label each was given; none before the first unlock of this run. */
  names(): readonly {
    readonly contact: string;
    readonly label: string;
    readonly meshKeys: readonly string[];
    /** The person compared the safety number. */
    readonly verified: boolean;
  }[];
  /** Which mesh keys are which contact's, locked or not. */
  peers(): readonly { readonly contact: string; readonly meshKeys: readonly string[]; readonly blocked: boolean }[];
  /** What a contact is called, blocked and removed ones too; null while locked, and for one that is not there. */
  about?(contact: string): {
    readonly petname: string;
    readonly label: string;
    readonly blocked: boolean;
    readonly removed: boolean;
  } | null;
  ownDevices(): readonly { readonly label: string; readonly meshKey: string; readonly current: boolean }[];
  /** A machine's addresses: of this person (`owner` null) or of a contact; null for one that is not known. */
  machine?(name: string, owner: string | null): readonly Uint8Array[] | null;
  onChange(changed: () => void): () => void;
}

/** Contact cards, as identity keeps them; see docs/formats/contact-card.md. */
export interface Cards {
  /** Whose whole card is asked for, and where: contacts known by their short card, own devices, and now and then everybody. */
  waiting(): readonly { readonly contact: string; readonly person: string; readonly meshKeys: readonly string[] }[];
  /** A whole card that came over the mesh. `later`: locked, offer it again after the next unlock. */
  take(card: Uint8Array): 'updated' | 'unchanged' | 'refused' | 'stranger' | 'later';
  /** The person's own whole card; null when none is made yet. */
  myCard(): Uint8Array | null;
}

/** Whom the person knows, on the mesh. */
export interface Names {
  /** Addresses of a name like `ann` or `ann.hypha`, 16 bytes each, best first; empty when nobody has it. */
  addresses(name: string): Uint8Array[];
  /** What the owner of an address is called; null for strangers, and for contacts before the first unlock. */
  nameOf(address: Uint8Array): string | null;
  /** Whether the address is a device of the person's own, or of a contact's that is not blocked; locked or not. */
  isKnown(address: Uint8Array): boolean;
  /** Addresses of the devices of blocked contacts, 16 bytes each; locked or not. */
  blocked(): readonly Uint8Array[];
  /** The same as `isKnown` for a whole mesh key, 64 hex digits. */
  isKnownKey(publicKey: string): boolean;
  /** The contact that a name means; null when it means none. */
  contactOf(name: string): string | null;
  /** A contact's addresses, none when it is blocked, locked or not; null when there is no such contact. */
  contact(id: string): {
    readonly name: string | null;
    readonly addresses: readonly Uint8Array[];
    /** Null while that is not known. */
    readonly verified: boolean | null;
  } | null;
  /** What a contact is called, whether they are let in or not; names are null while they are not known. */
  about(id: string): {
    readonly petname: string | null;
    readonly label: string | null;
    readonly state: 'known' | 'blocked' | 'gone';
  };
  /** Whether a contact who is blocked is called so; false while that is not known. */
  isBlocked(name: string): boolean;
  /** All names that may be written, contacts first. */
  all(): readonly string[];
}
