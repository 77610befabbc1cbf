import type { Place } from '#shared/contract/vault.ts';
import type { PlaceId } from '#shared/model/ids.ts';
import type { VaultKeys } from '../format/keys.ts';
import type { ShardStore, VaultDeps } from '../ports.ts';
import type { Catalogue, PlaceRow } from '../store/catalogue.ts';
import type { PlaceBackend } from './backend.ts';
import { deviceWords, inspect } from './directory/inspect.ts';
import { deviceOf } from './failure-domain.ts';
import { fullBelow, type Inspection } from './inspect.ts';
import { createOpenPlaces } from './open-places.ts';
import { fullProblem, limitProblem, lockedProblem, type Problem, problemOf } from './problem.ts';
import type { Candidate } from './safety.ts';
import { createSeldom } from './seldom.ts';

export interface LivePlace {
  readonly row: PlaceRow;
  readonly health: Place['health'];
  /** Why it cannot be used, or not be written to, and what to do; null when it can. */
  readonly problem: Problem | null;
  readonly free: number | null;
  readonly device: string;
  readonly deviceName: string;
  readonly backend: PlaceBackend;
  /** The backend's, which takes nothing where the mark of this place is not. */
  readonly store: ShardStore;
  /** The directory is gone although its disk is there, or is empty: repair may make it again. */
  readonly remakable: boolean;
  readonly checkedAt: number;
}

export interface Places {
  /** Look at every place again. Cheap calls in between use what was seen last. */
  refresh(): Promise<void>;
  /**
   * Look again unless that was done in the last `ms`; looks under way are shared. Servers are asked more seldom by this, for some take
   * money for each question: every ten minutes, of late away sooner.
   */
  refreshAfter(ms: number): Promise<void>;
  /** Somebody wants to see them: servers are asked too, as long as that is not wanted again and again. */
  refreshAsked(): Promise<void>;
  /** Look at one of them again. */
  lookAt(id: string): Promise<void>;
  all(): readonly LivePlace[];
  get(id: string | null): LivePlace | null;
  /** Its shards can be read now. */
  readable(id: string | null): boolean;
  /** What opens it is sealed with keys that are not here: what lies there is neither to be read nor lost. */
  waits(id: string | null): boolean;
  /** Places that may take new shards; with `evenFull` those too whose last room is kept for the catalogue. */
  writable(evenFull?: boolean): (Candidate & { readonly place: LivePlace })[];
  /** A write failed: look again at this one; a full disk counts as full until the next look says otherwise. */
  failed(id: string, error: unknown): Promise<void>;
  onHealth(changed: () => void): void;
  /** How many bytes the vault has on a place, for those with a limit. */
  countUse(used: (id: string) => number): void;
  /** Open what opens the places; looked at again they can be used. */
  learn(keys: VaultKeys): void;
  /** What opens the places is forgotten, and connections that it opened end. */
  forgetSecrets(): void;
  /** A place that leaves, as it is open now; whoever asks closes it. */
  detach(id: string): Pick<LivePlace, 'backend' | 'store'> | null;
  /** End all connections. */
  close(): Promise<void>;
}

/** What a copy of the catalogue may take of the last room that a limit leaves. */
const catalogueRoom = 1024 * 1024;

/** How long a place may take to answer: a disk that sleeps takes seconds to spin up. */
const answerMs = 15_000;

export const isFull = (error: unknown): boolean => {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  // 13 is SQLITE_FULL: the catalogue says it so.
  return code === 'ENOSPC' || code === 'EDQUOT' || errcode === 13;
};

export function createPlaces(deps: VaultDeps, catalogue: Catalogue): Places {
  const live = new Map<string, LivePlace>();
  const listeners: (() => void)[] = [];
  const vaultId = (): string => Buffer.from(catalogue.vault()?.id ?? []).toString('hex');
  const opened = createOpenPlaces(deps, vaultId);
  let usedBy: (id: string) => number = () => 0;

  /** Paths that have not answered in time: a network mount that hangs is not asked again until it does. */
  const silentNow = new Set<string>();

  /** A place that does not answer counts as one that is not there, so that it holds up neither the others nor the person. */
  const inspectInTime = async (row: PlaceRow): Promise<Inspection> => {
    const { path, device } = row;
    const silent: Inspection = { kind: 'silent', identity: null, writable: false, device, free: null };
    if (silentNow.has(path)) return silent;
    const answered = opened
      .open(row)
      .backend.inspect()
      .finally(() => silentNow.delete(path));
    let cancel = (): void => {};
    const late = new Promise<Inspection>((resolve) => {
      cancel = deps.host.setTimer(answerMs, () => {
        silentNow.add(path);
        resolve(silent);
      });
    });
    return Promise.race([answered, late]).finally(() => cancel());
  };

  const look = async (row: PlaceRow, homeDevice: string): Promise<LivePlace> => {
    const place = opened.open(row);
    const seen = await inspectInTime(row);
    const sameVault = seen.identity?.vault === vaultId();
    const ours = sameVault && seen.identity?.place === row.id;
    const sees = deviceOf(row.address, seen.device, homeDevice);
    const gone = seen.kind === 'absent' || seen.kind === 'empty';
    const remakable = gone && (row.address.kind !== 'directory' || isSameDisk(row, seen.device, homeDevice));
    const free = freeOf(row, seen.free);
    let health: Place['health'];
    if (place.sealed === 'waits') health = 'locked';
    else if (seen.identity && !sameVault) health = 'foreign';
    else if (!ours) health = 'missing';
    else if (!seen.writable) health = 'readonly';
    else if (row.state === 'leaving') health = 'leaving';
    else if (free !== null && free < fullBelow) health = 'full';
    else health = 'ok';
    let problem: Problem | null = null;
    if (place.sealed !== 'open') problem = lockedProblem(row.path, place.sealed);
    else if (!ours) problem = problemOf(seen, row, sameVault, remakable, place.backend.reason?.() ?? null);
    else if (health === 'full') {
      problem = free === seen.free ? fullProblem(row.path, seen.free) : limitProblem(row.path, row.limit ?? 0);
    }
    const notice = ours ? (place.backend.notice?.() ?? null) : null;
    if (notice !== null) problem = { code: 'CLOSING', ...notice };
    return {
      row,
      health,
      problem,
      free,
      device: ours ? sees.device : row.device,
      deviceName: ours ? sees.deviceName : row.deviceName,
      backend: place.backend,
      store: place.store,
      remakable,
      checkedAt: deps.host.now(),
    };
  };

  /** Room that the vault may still take there. */
  const freeOf = (row: PlaceRow, free: number | null): number | null => {
    if (row.limit === null) return free;
    const left = Math.max(0, row.limit - usedBy(row.id));
    return free === null ? left : Math.min(free, left);
  };

  const set = (next: LivePlace): boolean => {
    const before = live.get(next.row.id);
    live.set(next.row.id, next);
    if (next.device !== next.row.device) {
      catalogue.putPlace({ ...next.row, device: next.device, deviceName: next.deviceName });
    }
    return (
      before?.health !== next.health || before.device !== next.device || before.problem?.code !== next.problem?.code
    );
  };

  const askedServers = createSeldom(() => deps.host.now());

  const refresh = async (which: (row: PlaceRow) => boolean = () => true): Promise<void> => {
    const rows = catalogue.places();
    const homeDevice = (await inspect(deps.home)).device;
    const seen = await Promise.all(
      rows.filter((row) => !live.has(row.id) || which(row)).map((row) => look(row, homeDevice)),
    );
    for (const { row, health } of seen) askedServers.saw(row.id, health === 'missing');
    let changed = live.size !== rows.length;
    const known = new Set(catalogue.places().map((row) => row.id));
    for (const id of live.keys()) if (!known.has(id)) live.delete(id);
    opened.keep(known);
    for (const place of seen) if (known.has(place.row.id)) changed = set(place) || changed;
    if (changed) for (const listener of listeners) listener();
  };

  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  const refreshAfter = (ms: number): Promise<void> => {
    // A clock set back must not keep the look away for long.
    const age = Math.abs(deps.host.now() - lookedAt);
    if (age < ms) return Promise.resolve();
    looking ??= refresh((row) => row.address.kind === 'directory' || askedServers.due(row.id, ms))
      .then(() => {
        lookedAt = deps.host.now();
      })
      .finally(() => {
        looking = null;
      });
    return looking;
  };

  const readableNow = (place: LivePlace | null): boolean =>
    place !== null && place.health !== 'missing' && place.health !== 'foreign' && place.health !== 'locked';

  return {
    refresh: () =>
      refresh().then(() => {
        lookedAt = deps.host.now();
      }),
    refreshAfter,
    refreshAsked() {
      const servers = askedServers.mayAsk();
      return refresh((row) => servers || row.address.kind === 'directory');
    },
    lookAt: (id) => refresh((row) => row.id === id),
    all: () => [...live.values()],
    get: (id) => (id === null ? null : (live.get(id) ?? null)),
    readable: (id) => id !== null && readableNow(live.get(id) ?? null),
    waits: (id) => id !== null && live.get(id)?.health === 'locked',
    writable: (evenFull = false) =>
      [...live.values()].flatMap((place) => {
        if (place.health !== 'ok' && !(evenFull && place.health === 'full')) return [];
        // A limit is reached while nobody looks.
        const free = freeOf(place.row, place.free);
        if (free !== null && place.row.limit !== null && free < (evenFull ? catalogueRoom : fullBelow)) return [];
        return [{ ...candidateOf(place), free, place }];
      }),
    async failed(id, error) {
      const place = live.get(id);
      if (!place) return;
      deps.log.warn({ place: id, error: String(error) }, 'a place failed');
      await refresh();
      const now = live.get(id);
      if (now && now.health === 'ok' && isFull(error)) {
        live.set(id, { ...now, health: 'full', problem: fullProblem(now.row.path, now.free) });
        for (const listener of listeners) listener();
      }
    },
    onHealth: (changed) => void listeners.push(changed),
    countUse(used) {
      usedBy = used;
    },
    learn: (keys) => opened.learn(catalogue.places(), keys),
    forgetSecrets: () => opened.forget(),
    detach: (id) => opened.detach(id),
    close: () => opened.close(),
  };
}

/** The places that are directories of this computer. */
export const directoriesOf = (places: Pick<Places, 'all'>): PlaceRow[] =>
  places.all().flatMap(({ row }) => (row.address.kind === 'directory' ? [row] : []));

/** A place as one that could take a shard. */
export const candidateOf = (place: LivePlace): Candidate => ({
  id: place.row.id,
  device: place.device,
  owner: place.row.owner,
  site: place.row.site,
  weight: place.row.weight,
  free: place.free,
});

/** Device numbers are given anew at every start: the disk of the computer itself may have the one that a drive had. */
function isSameDisk(row: PlaceRow, device: string, homeDevice: string): boolean {
  const wasHome = row.deviceName === deviceWords(homeDevice, row.path, homeDevice);
  return device === row.device && (wasHome || device !== homeDevice);
}

/** What the vault has on a place: pieces, their bytes, and when all of them were last found right. */
export interface Held {
  readonly shards: number;
  readonly used: number;
  readonly verifiedAt: number | null;
}

/** As the contract shows it. */
export function describePlace(place: LivePlace, held: Held): Place {
  const { id, name, address, path, owner, site, limit, weight } = place.row;
  return {
    id: id as PlaceId,
    name,
    kind: address.kind,
    path,
    address,
    owner,
    site,
    limit,
    weight,
    device: place.device,
    deviceName: place.deviceName,
    health: place.health,
    ...(place.problem ? { problem: place.problem } : {}),
    shards: held.shards,
    used: held.used,
    free: place.free,
    checkedAt: place.checkedAt,
    verifiedAt: held.verifiedAt,
  };
}
