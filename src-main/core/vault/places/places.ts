import type { Place } from '#shared/contract/vault.ts';
import type { PlaceId } from '#shared/model/ids.ts';
import type { ShardStore, VaultDeps } from '../ports.ts';
import type { Catalogue, PlaceRow } from '../store/catalogue.ts';
import type { PlaceBackend } from './backend.ts';
import { createDirectoryBackend } from './directory/backend.ts';
import { deviceWords, inspect } from './directory/inspect.ts';
import { fullBelow, type Inspection } from './inspect.ts';
import { fullProblem, type Problem, problemOf } from './problem.ts';
import type { Candidate } from './safety.ts';

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
  /** Look again unless that was done in the last `ms`; looks under way are shared. */
  refreshAfter(ms: number): Promise<void>;
  all(): readonly LivePlace[];
  get(id: string | null): LivePlace | null;
  /** Its shards can be read now. */
  readable(id: string | null): boolean;
  /** Places that may take new shards; with `evenFull` those too whose last room is kept for the catalogue. */
  writable(evenFull?: boolean): (Candidate & { readonly place: LivePlace })[];
  /** A write failed: look again at this one; a full disk counts as full until the next look says otherwise. */
  failed(id: string, error: unknown): Promise<void>;
  onHealth(changed: () => void): void;
}

/** How long a place may take to answer: a disk that sleeps takes seconds to spin up. */
const answerMs = 15_000;

export const isFull = (error: unknown): boolean => {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  // 13 is SQLITE_FULL: the catalogue says it so.
  return code === 'ENOSPC' || code === 'EDQUOT' || errcode === 13;
};

export function createPlaces(deps: VaultDeps, catalogue: Catalogue): Places {
  const live = new Map<string, LivePlace>();
  const opened = new Map<string, Pick<LivePlace, 'backend' | 'store'>>();
  const listeners: (() => void)[] = [];

  const vaultId = (): string => Buffer.from(catalogue.vault()?.id ?? []).toString('hex');

  const open = ({ id, path }: PlaceRow): Pick<LivePlace, 'backend' | 'store'> => {
    const key = `${id} ${path}`;
    const there = opened.get(key);
    if (there) return there;
    const backend = createDirectoryBackend(path);
    const guarded: ShardStore = {
      ...backend.store,
      async put(name, parts, taken) {
        // Since the last look another disk, or none, may be there: what lies below a mount point is not ours to fill.
        if (!(await backend.isMarked(vaultId(), id))) throw new Error(`${path} does not bear the mark of this place`);
        await backend.store.put(name, parts, taken);
      },
    };
    const made = { backend, store: deps.wrapStore ? deps.wrapStore(guarded, path) : guarded };
    opened.set(key, made);
    return made;
  };

  /** Paths that have not answered in time: a network mount that hangs is not asked again until it does. */
  const silentNow = new Set<string>();

  /** A place that does not answer counts as one that is not there, so that it holds up neither the others nor the person. */
  const inspectInTime = async (row: PlaceRow): Promise<Inspection> => {
    const { path, device } = row;
    const silent: Inspection = { kind: 'silent', identity: null, writable: false, device, free: null };
    if (silentNow.has(path)) return silent;
    const answered = open(row)
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
    const seen = await inspectInTime(row);
    const sameVault = seen.identity?.vault === vaultId();
    const ours = sameVault && seen.identity?.place === row.id;
    // Device numbers are given anew at every start: the disk of the computer itself may have the one that a drive had.
    const wasHome = row.deviceName === deviceWords(homeDevice, row.path, homeDevice);
    const sameDisk = seen.device === row.device && (wasHome || seen.device !== homeDevice);
    const remakable = sameDisk && (seen.kind === 'absent' || seen.kind === 'empty');
    let health: Place['health'];
    if (seen.identity && !sameVault) health = 'foreign';
    else if (!ours) health = 'missing';
    else if (!seen.writable) health = 'readonly';
    else if (row.state === 'leaving') health = 'leaving';
    else if (seen.free !== null && seen.free < fullBelow) health = 'full';
    else health = 'ok';
    const device = ours ? seen.device : row.device;
    return {
      row,
      health,
      problem: ours
        ? health === 'full'
          ? fullProblem(row.path, seen.free)
          : null
        : problemOf(seen, row.path, sameVault, remakable),
      free: seen.free,
      device,
      deviceName: ours ? deviceWords(device, row.path, homeDevice) : row.deviceName,
      ...open(row),
      remakable,
      checkedAt: deps.host.now(),
    };
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

  const refresh = async (): Promise<void> => {
    const rows = catalogue.places();
    const homeDevice = (await inspect(deps.home)).device;
    const seen = await Promise.all(rows.map((row) => look(row, homeDevice)));
    let changed = live.size !== rows.length;
    const known = new Set(catalogue.places().map((row) => row.id));
    for (const id of live.keys()) if (!known.has(id)) live.delete(id);
    for (const place of seen) if (known.has(place.row.id)) changed = set(place) || changed;
    lookedAt = deps.host.now();
    if (changed) for (const listener of listeners) listener();
  };

  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  const refreshAfter = (ms: number): Promise<void> => {
    // A clock set back must not keep the look away for long.
    const age = Math.abs(deps.host.now() - lookedAt);
    if (age < ms) return Promise.resolve();
    looking ??= refresh().finally(() => {
      looking = null;
    });
    return looking;
  };

  const readableNow = (place: LivePlace | null): boolean =>
    place !== null && place.health !== 'missing' && place.health !== 'foreign';

  return {
    refresh,
    refreshAfter,
    all: () => [...live.values()],
    get: (id) => (id === null ? null : (live.get(id) ?? null)),
    readable: (id) => id !== null && readableNow(live.get(id) ?? null),
    writable: (evenFull = false) =>
      [...live.values()]
        .filter((place) => place.health === 'ok' || (evenFull && place.health === 'full'))
        .map((place) => ({ id: place.row.id, device: place.device, free: place.free, place })),
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
  };
}

/** As the contract shows it. */
export function describePlace(place: LivePlace, shards: number, used: number): Place {
  return {
    id: place.row.id as PlaceId,
    name: place.row.name,
    kind: 'directory',
    path: place.row.path,
    device: place.device,
    deviceName: place.deviceName,
    health: place.health,
    ...(place.problem ? { problem: place.problem } : {}),
    shards,
    used,
    free: place.free,
    checkedAt: place.checkedAt,
  };
}
