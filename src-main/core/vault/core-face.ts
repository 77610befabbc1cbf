import type { FoundVault } from './failures.ts';
import type { VaultKeys } from './format/keys.ts';
import type { PlaceIdentity } from './format/place-identity.ts';
import type { PlannedPlace } from './places/remembered.ts';
import type { VaultDeps } from './ports.ts';
import type { Catalogue, VaultRow } from './store/catalogue.ts';
import type { Engine } from './store/engine.ts';
import type { Ingest } from './store/ingest.ts';
import type { Maintenance } from './store/maintain.ts';
import type { Packs } from './store/packs.ts';
import type { Publisher } from './store/publish.ts';
import type { Tree } from './tree.ts';

/* What the vault's core is to the rest of the vault. */

/** What exists once there is a vault, locked or not. */
export interface Opened {
  readonly vault: VaultRow;
  readonly catalogue: Catalogue;
  readonly engine: Engine;
  readonly packs: Packs;
  readonly maintenance: Maintenance;
  readonly publisher: Publisher;
}
/** What exists while unlocked. `signal` aborts at lock. */
export interface Session extends Opened {
  readonly keys: VaultKeys;
  readonly tree: Tree;
  /** Rows of the list of files that could not be opened: what they tell of is there, and is not in the tree. */
  readonly unreadable: number;
  readonly ingest: Ingest;
  readonly signal: AbortSignal;
}

/** What it takes to read: of a session, or of a catalogue that was read from the places to look at it. */
export type Reading = Pick<Session, 'catalogue' | 'packs' | 'keys' | 'signal'>;

export interface Core {
  start(): Promise<void>;
  stop(): Promise<void>;
  deps: VaultDeps;
  /** @throws Fail NO_VAULT */
  opened(): Opened;
  state(): 'none' | 'locked' | 'ready';
  /** With state `none`: places of a vault in the data directory, or those that it waits for. */
  found(): FoundVault | null;
  /** See, at most every few seconds, whether the places that the vault waits for are back; then it opens. */
  tryAgain(): void;
  /** @throws Fail LOCKED, NO_VAULT */
  session(): Promise<Session>;
  /** The session, if it is open now. */
  current(): Session | null;
  /** The person's root. @throws Fail LOCKED */
  root(): Uint8Array;
  /** Make the vault and its places; what the places hold already of this person's vault is adopted and rebuilt. */
  create(profile: { k: number; m: number }, paths: readonly PlannedPlace[], vaultId: Uint8Array): Promise<void>;
  /**
   * Drop the vault from this computer, so that another can take its stead; its places stay as they are. `sure` is asked when
   * nobody can add to it any more.
   *
   * @returns false when `sure` said no: the vault is as it was
   */
  forget(sure: (catalogue: Catalogue) => boolean): Promise<boolean>;
  /** Something changed: tell clients soon, and bring the places' copy of the catalogue up to date. */
  changed(ids: readonly string[], publish?: boolean): void;
  onLock(forget: () => void): void;
  /** Told of every session that has opened. */
  onSession(listen: (session: Session) => void): void;
  /** Told of what {@link changed} is told, in the same turn; also when a session is about to open. */
  onChange(listen: (ids: readonly string[]) => void): void;
  /** While this goes on, what opens the places is not forgotten, also when the person locks. */
  whileWorking<T>(work: () => Promise<T>): Promise<T>;
  /** How many such are under way. */
  working(): number;
  /** Who tells which directories of this computer hold what others keep here. */
  readonly forOthers: (() => readonly string[])[];
  identityFor(place: string): PlaceIdentity;
  rememberPlaces(): Promise<void>;
  /** See how the places are, if they were last seen so long ago, waiting for them so long at most. */
  lookAtPlaces(ms: number, patienceMs: number): Promise<void>;
  /** See now whether another agent writes to the places; {@link notices} says so then. */
  lookForFork(): Promise<void>;
  notices(): readonly { code: string; text: string }[];
  /** That another agent writes to the places, or that some show an old state, for the answer of a call; empty when all is well. */
  forkNotice(): { notices?: { code: string; text: string }[] };
}
