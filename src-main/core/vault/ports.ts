import type { Duplex } from 'node:stream';
import type { Worker } from 'node:worker_threads';
import type { Emit, Host, Logger } from '#core/host.ts';
import type { SyncLog } from '#core/store/sync-log.ts';
import type { PlaceAddress, PlaceSecret } from '#shared/contract/vault.ts';
import type { DevicesDeps } from './devices/wire/ports.ts';
import type { PlaceBackend } from './places/backend.ts';
import type { KitBody } from './recovery/kit-format.ts';
import type { SharingDeps } from './sharing/ports.ts';
import type { Traffic } from './traffic/traffic.ts';
import type { DiskLimits } from './webdav/limits.ts';

/** The person's vault root: 32 bytes while unlocked, null while locked. */
export interface VaultKeySource {
  root(): Uint8Array | null;
  /** There is an identity at all, locked or not. */
  exist(): boolean;
  /** Called after every unlock and lock; returns a function that stops it. */
  onChange(changed: () => void): () => void;
}

/**
 * Somewhere that keeps shards. First a local directory; later a 0-db, S3, SFTP or a friend's Hypha, which is why names
 * are opaque, reads are by range and nothing here tells what is stored.
 */
export interface ShardStore {
  /**
   * Write `parts` one after the other under `name` (at most two segments). The bytes are durable when this resolves; the
   * name is after the next {@link settle}. Writing a name again replaces it. `taken` is called as soon as `parts` may be
   * used for something else, which may be before they are durable. @throws an error with code ENOSPC when full.
   */
  put(name: string, parts: readonly Uint8Array[], taken?: () => void): Promise<void>;
  /** Make the names of all puts and removals so far durable. */
  settle(): Promise<void>;
  /** Fill `target` from `offset`. @returns false when the name is not there or is too short */
  read(name: string, offset: number, target: Uint8Array): Promise<boolean>;
  /** Length of what is stored under the name, or null. */
  size(name: string): Promise<number | null>;
  remove(name: string): Promise<void>;
  /** Names in a directory, each from the top: of `c` for the catalogue, of `p/00000`; of `p` its directories. None of what is not there. */
  list(directory: string): Promise<string[]>;
}

export interface SearchDeps {
  /** How much of the computer it may take; tests let it go at once. */
  readonly pace?: { readonly quietMs: number; readonly rest: number };
  /** Entries of its threads; tests give their own. */
  readonly indexerUrl?: URL;
  readonly searcherUrl?: URL;
  /** Free bytes where a directory is; tests fill the disk there. */
  readonly room?: (directory: string) => Promise<number>;
}

/** How something that listens on loopback is offered on this device's mesh address, to some people and nobody else. */
export interface MeshOffers {
  /** Who is meant, in a form that stays theirs whatever they are called later. @throws Fail NOT_FOUND, LOCKED */
  keep(who: readonly string[]): string[];
  /** As people are called now. */
  show(kept: readonly string[]): string[];
  /**
   * Offer a port of 127.0.0.1 to those kept, in place of the offer `instead`; kept over restarts.
   *
   * @param port on the mesh address; another where that is taken
   * @throws Fail TOO_MANY, IN_USE
   */
  offer(
    localPort: number,
    port: number,
    allow: readonly string[],
    instead: string | null,
  ): Promise<{ readonly id: string; readonly port: number }>;
  /** Also of one that is not there any more. */
  withdraw(offer: string): Promise<void>;
  /** This device's address on the mesh; null before it joined. */
  address(): string | null;
}

/** Settings of the person that a recovery kit carries, read and put back; the vault's own are not among them. */
export interface Preferences {
  read(): Omit<KitBody['settings'], 'snapshots'> & { readonly person?: string };
  /** Durable when it resolves. Those left out stay. */
  write(settings: Omit<KitBody['settings'], 'snapshots'>): Promise<void>;
}

/** Connections to contacts and own devices over the mesh, inside Hypha: both ends are sure who the other is. */
export interface MeshStreams {
  /**
   * Who is meant, what they are called, and the mesh keys (64 hex digits) of their devices. By `LABEL.me` one of the person's own other
   * devices, with its mesh key for an id. @throws Fail NOT_FOUND, LOCKED
   */
  contact(who: string): { readonly contact: string; readonly name: string; readonly devices: readonly string[] };
  /** What a contact is called now; null while that is not known. */
  nameOf(contact: string): string | null;
  /** For questions: a name with what it stands for now, and whether anybody made sure of that. */
  say(who: string): string;
  /** Connect to whichever of these devices answers first. @throws Fail MESH_OFF, REFUSED, UNREACHABLE, TIMED_OUT, CANCELLED */
  dial(
    devices: readonly string[],
    port: number,
    signal: AbortSignal,
  ): Promise<{ readonly stream: Duplex; readonly device: string }>;
  /** Take connections of contacts and own devices, and of nobody else, at a port of the mesh address. @returns what ends that */
  listen(
    port: number,
    accept: (stream: Duplex, caller: { readonly contact: string; readonly device: string }) => void,
  ): () => Promise<void>;
}

export interface VaultDeps {
  readonly host: Host;
  readonly log: Logger;
  readonly emit: Emit;
  /** The data directory: `vault/` holds the catalogue, `places/` the default places. */
  readonly home: string;
  readonly keys: VaultKeySource;
  /** Left out: what is lent is reached on this computer only. */
  readonly mesh?: MeshOffers;
  /** Left out: a recovery kit carries no settings but the vault's. */
  readonly preferences?: Preferences;
  /**
   * The root that typed words or shares lead to, for the caller to wipe. Left out: recovery is rehearsed with the session's alone.
   *
   * @throws Fail BAD_PHRASE, BAD_SHARES
   */
  readonly rootOf?: (
    typed: { readonly words: readonly string[] } | { readonly shares: readonly string[] },
  ) => Promise<Uint8Array>;
  /** Contacts, and ways to them; left out: nothing is shared with anybody. */
  readonly sharing?: SharingDeps;
  /** The person's other devices, and ways to them; left out: each keeps files of its own. */
  readonly ownDevices?: DevicesDeps;
  /** Left out: no contact keeps room for this vault, nor this one for them. */
  readonly streams?: MeshStreams;
  /** Bounds and counts what crosses the network; left out: nothing does. */
  readonly traffic?: Traffic;
  /** Entry of the worker threads; the bundled build gives its own. 0 workers runs the work in this thread (tests). */
  readonly workerUrl?: URL;
  readonly workers?: number;
  /** Called with the thread that serves what is lent; tests end it. */
  readonly lendingThread?: (thread: Worker) => void;
  /** The search index over the texts of files; left out, files are found by their names only. */
  readonly search?: SearchDeps;
  /** Called at named points of writing; tests kill the process there. */
  readonly probe?: (point: string) => void;
  /** Makes the catalogue's log (a path) durable; tests watch it. */
  readonly syncLog?: (path: string) => SyncLog;
  /** Bounds of the WebDAV disk other than its own; tests set them. */
  readonly disk?: Partial<DiskLimits>;
  /** Wraps the store of a place; tests inject faults there. */
  readonly wrapStore?: (store: ShardStore, path: string) => ShardStore;
  /** Opens a place in another way than usual; tests have servers of their own here. Null for the usual way. */
  readonly openRemote?: (address: PlaceAddress, secret: PlaceSecret) => PlaceBackend | null;
}
