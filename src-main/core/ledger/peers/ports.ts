import type { Duplex } from 'node:stream';
import type { Emit, Host, Logger } from '#core/host.ts';
import type { SignedHead } from '../heads/head.ts';
import type { ChainSource, OwnLedger } from '../ports.ts';
import type { LedgerCard } from './card.ts';

/** Connections to contacts over the mesh, inside Hypha: both ends are sure who the other is. */
export interface MeshStreams {
  /** Who is meant, what they are called, and the mesh keys of their devices. @throws Fail NOT_FOUND, LOCKED */
  contact(who: string): { readonly contact: string; readonly name: string; readonly devices: readonly string[] };
  /** What a contact is called now; null while that is not known. */
  nameOf(contact: string): string | null;
  /** Connect to whichever of these devices answers first. @throws Fail MESH_OFF, REFUSED, UNREACHABLE, TIMED_OUT, CANCELLED */
  dial(
    devices: readonly string[],
    port: number,
    signal: AbortSignal,
  ): Promise<{ readonly stream: Duplex; readonly device: string }>;
  /** Take connections of contacts, and of nobody else. @returns what ends that */
  listen(
    port: number,
    accept: (stream: Duplex, caller: { readonly contact: string; readonly device: string }) => void,
  ): () => Promise<void>;
}

/** Contacts as those who sign heads. */
export interface Operators {
  /** Null while locked, for whom only the short card is here, and for one that is blocked or gone. */
  keys(contact: string): {
    readonly person: string;
    verify(bytes: Uint8Array, signature: Uint8Array): boolean;
  } | null;
  /** Null while locked. */
  self(): { readonly person: string } | null;
  onChange(changed: () => void): () => void;
}

/** The person's own ledger, as others are served it: see the ports of the ledger. */
export interface Served {
  /** @throws Fail LOCKED */
  card(): LedgerCard;
  session(): { ask(text: string): Promise<string | null>; end(): void };
  /** The newest block, signed. @throws Fail LOCKED */
  head(): Promise<SignedHead>;
  /** Somebody holds this head of it. To be said before {@link head} is given out. */
  shown(head: SignedHead): Promise<boolean>;
}

export interface PeersDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** The data directory. */
  readonly home: string;
  readonly streams: MeshStreams;
  readonly operators: Operators;
  /** Whose person id it is; null where no contact has it. */
  readonly contactOf: (person: string) => string | null;
  readonly own: OwnLedger;
  /** Chains from elsewhere: the own ledger, public ones. */
  readonly others: ChainSource;
}
