import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { equalBytes } from '#core/crypto/equal.ts';
import type { Database } from '#core/store/database.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { createAnnouncer } from './announce.ts';
import { createBringUp } from './bring-up.ts';
import type { Core, Opened, Reading, Session } from './core-face.ts';
import { locked, nobodyYet, noVault, twoWritersText, unreadableNotice } from './failures.ts';
import { firstEpoch, type VaultKeys, vaultKeys } from './format/keys.ts';
import type { PlaceIdentity } from './format/place-identity.ts';
import { loadTree } from './load-tree.ts';
import { createLookout } from './lookout.ts';
import { createLostCatalogue, type LostCatalogueDeps } from './lost-catalogue.ts';
import { createPlaces } from './places/places.ts';
import { createRememberedPlaces } from './places/remembered.ts';
import { createArena } from './pool/arena.ts';
import { createLender } from './pool/lender.ts';
import { createPool } from './pool/pool.ts';
import type { VaultDeps } from './ports.ts';
import { type Catalogue, createCatalogue, type VaultRow } from './store/catalogue.ts';
import type { Engine } from './store/engine.ts';
import { forkKnown } from './store/fork.ts';
import { createGroupCommit } from './store/group-commit.ts';
import { createHealth } from './store/health.ts';
import { createIngest } from './store/ingest.ts';
import { createMaintenance } from './store/maintain.ts';
import { oldStateNotices } from './store/old-states.ts';
import { openCatalogue } from './store/open-catalogue.ts';
import { createPacks } from './store/packs.ts';
import { createPublisher } from './store/publish.ts';
import { isBehind } from './store/rebuild.ts';
import { toldStates } from './store/told-states.ts';

export type { Core, Opened, Reading, Session };

/** Owns the database, the places and the pool, and follows the person's keys. */
export function createCore(deps: VaultDeps): Core {
  const directory = join(deps.home, 'vault');
  const remembered = createRememberedPlaces(directory, deps);
  const notices: { code: string; text: string }[] = [];
  const forgetters: (() => void)[] = [];
  const listeners: ((ids: readonly string[]) => void)[] = [];
  const openers: ((session: Session) => void)[] = [];
  let database: Database | null = null;
  let opened: Opened | null = null;
  let session: { promise: Promise<Session>; abort: AbortController; open: Session | null } | null = null;
  let stopWatching = (): void => {};
  let cancelPublish: (() => void) | null = null;
  /** Keys of a session that is over, until its last changes are on the places. */
  let leaving: VaultKeys | null = null;
  let lastCopy: Promise<void> = Promise.resolve();
  let creating = false;
  let stopped = false;
  const announce = createAnnouncer(deps.emit, () => stopped);
  const lookout = createLookout(deps, remembered, () => changed([], false));

  const catalogueNow = (): Catalogue => {
    if (!opened) throw noVault(lost.found());
    return opened.catalogue;
  };

  const openVault = async (catalogue: Catalogue): Promise<void> => {
    const vault = catalogue.vault();
    if (!vault) return;
    const workers = deps.workers ?? Math.max(1, Math.min(4, availableParallelism()));
    const arena = createArena(vault.k, vault.m, Math.max(1, workers));
    const pool = createPool(arena, workers, deps.workerUrl ?? new URL('./pool/worker.ts', import.meta.url));
    const places = createPlaces(deps, catalogue);
    const health = createHealth(catalogue, places);
    const group = createGroupCommit(catalogue.database);
    const engine: Engine = { deps, catalogue, group, places, health, arena, pool, slots: createLender(arena.slots) };
    const packs = createPacks(engine, vault);
    const maintenance = createMaintenance(engine, packs, identityFor);
    const publisher = createPublisher(engine, packs, () => keysNow(vault) ?? leaving);
    opened = { vault, catalogue, engine, packs, maintenance, publisher };
    await lookout.findPlaces(catalogue);
    const present = keysNow(vault);
    if (present) places.learn(present);
    await places.refresh();
    health.load();
    places.onHealth(() => {
      health.touch();
      changed([], false);
    });
    // What a crash left half written. A catalogue restored from an old copy may not know what was finished since.
    maintenance.hold();
    if (!vault.restored && !(await lookout.lookForFork(engine)) && (await isBehind(engine)))
      catalogue.run('UPDATE vault SET restored = 1');
    if (!catalogue.vault()?.restored) await cleanUp();
  };

  const cleanUp = async (): Promise<void> => {
    if (!opened) return;
    const { maintenance } = opened;
    // Marked only: the copy on the places may still need them. They are swept once it has been brought up to date.
    if (await maintenance.tidy()) maintenance.collect(() => false);
  };

  const shut = () => (deps.keys.exist() ? locked() : nobodyYet());

  const keysNow = (vault: Pick<VaultRow, 'id' | 'check'>): VaultKeys | null => {
    const root = deps.keys.root();
    if (!root) return null;
    const keys = vaultKeys(root, vault.id, opened?.catalogue.epoch());
    return equalBytes(keys.check, vault.check) ? keys : null;
  };

  const identityFor = (place: string): PlaceIdentity => {
    const { vault } = opened ?? {};
    if (!vault) throw noVault(lost.found());
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    const { k, m, created } = vault;
    return {
      format: 'hypha-vault-place',
      version: 1,
      vault: hex(vault.id),
      place,
      check: hex(vault.check),
      k,
      m,
      createdAt: created,
    };
  };

  const take: LostCatalogueDeps['take'] = async (catalogue, keys, { k, m }, places) => {
    const { vaultId: id, check, integrity } = keys;
    const row = { id, k, m, epoch: firstEpoch, check, integrity, created: deps.host.now() };
    await remembered.insert(catalogue, places, keys, () => catalogue.createVault(row, 0));
    await openVault(catalogue);
  };
  const lost = createLostCatalogue({ deps, remembered, take, free: () => !opened && !stopped && !creating });

  /** Places that the vault waits for may be back. */
  const tryAgain = (): void => {
    if (opened || !lost.mayBeBack() || deps.keys.root() === null) return;
    onKeys();
  };

  const bringUp = createBringUp({ deps, lookout, remembered, cleanUp, notice: (one) => void notices.push(one) });

  const begin = async (abort: AbortController): Promise<Session> => {
    const root = deps.keys.root();
    if (!root) throw shut();
    if (!opened && database) await lost.adopt(createCatalogue(database, deps.home), root);
    if (!opened) throw noVault(lost.found());
    const { catalogue, engine, packs, publisher } = opened;
    const row = catalogue.vault();
    const keys = row && keysNow(row);
    if (!row || !keys) {
      throw fail('LOCKED', 'This vault belongs to another identity.', {
        meaning: 'The phrase in use does not open it. Nothing was changed.',
        next: 'Restore the identity that made this vault.',
      });
    }
    if (catalogue.places().some(({ sealed }) => sealed !== null)) {
      engine.places.learn(keys);
      await engine.places.refresh();
      engine.health.touch();
    }
    if (row.published === 0 || row.restored) await bringUp(opened, row, keys);
    if (catalogue.packs('dead').length > 0) {
      const copied = await publisher.publish().catch(() => false);
      if (copied) await opened.maintenance.sweep();
    }
    const { tree, unreadable } = await loadTree(catalogue, keys, abort.signal);
    if (unreadable > 0) deps.log.error({ unreadable }, 'entries of the list of files cannot be read');
    const ingest = createIngest(engine, packs, opened.vault, keys);
    changed([], false);
    return { ...opened, keys, tree, unreadable, ingest, signal: abort.signal };
  };

  const onKeys = (): void => {
    if (stopped) return;
    if (deps.keys.root() === null) {
      const before = session;
      session?.abort.abort(locked());
      session = null;
      if (before) lastCopy = copyBeforeLeaving(before.promise);
      if (before)
        void lastCopy.then(forgetPlaces).catch((error: unknown) => {
          deps.log.warn({ error: String(error) }, 'what opens the places was not forgotten');
        });
      opened?.packs.forgetRecovered();
      for (const forget of forgetters) forget();
      changed([], false);
      return;
    }
    session?.abort.abort(locked());
    const abort = new AbortController();
    const promise = begin(abort);
    promise.catch((error: unknown) => {
      if (!isFail(error, 'NO_VAULT') && !isFail(error, 'LOCKED'))
        deps.log.error({ error: String(error) }, 'the vault did not open');
    });
    const begun: NonNullable<typeof session> = { promise, abort, open: null };
    promise.then(
      (open) => {
        begun.open = open;
        if (session === begun && !abort.signal.aborted) for (const listen of openers) listen(open);
      },
      () => {},
    );
    session = begun;
  };

  /** What changed in the last seconds goes to the places too, with the keys of the session that is over; then they go. */
  const copyBeforeLeaving = async (over: Promise<Session>): Promise<void> => {
    const keys = (await over.catch(() => null))?.keys;
    if (!keys || !opened) return;
    cancelPublish?.();
    cancelPublish = null;
    leaving = keys;
    try {
      await opened.publisher.publish();
    } catch (error) {
      deps.log.warn({ error: String(error) }, 'the catalogue could not be copied to the places');
    } finally {
      if (leaving === keys) leaving = null;
    }
  };

  /** Work on the places that goes on while the person leaves. */
  const working = new Set<Promise<unknown>>();

  /** What opens the places goes with the person's keys, but not before the work that is under way is done. */
  const forgetPlaces = async (): Promise<void> => {
    const left = opened;
    if (!left) return;
    await left.packs.written();
    while (working.size > 0) await Promise.allSettled(working);
    if (deps.keys.root() !== null || opened !== left) return;
    left.engine.places.forgetSecrets();
    await left.engine.places.refresh();
    left.engine.health.touch();
  };

  const publishSoon = (): void => {
    if (cancelPublish || stopped) return;
    cancelPublish = deps.host.setTimer(2_000, () => {
      cancelPublish = null;
      opened?.publisher.publish().catch((error: unknown) => {
        deps.log.warn({ error: String(error) }, 'the catalogue could not be copied to the places');
      });
    });
  };

  const changed = (ids: readonly string[], publish = true): void => {
    if (publish) publishSoon();
    announce(ids);
    for (const listen of listeners) listen(ids);
  };

  return {
    deps,
    async start() {
      stopped = false;
      const local = openCatalogue(directory, deps);
      database = local.database;
      notices.push(...local.notices);
      const { catalogue } = local;
      await openVault(catalogue);
      if (!opened) await lost.look();
      const found = opened ? null : lost.found();
      if (found) notices.push({ code: 'VAULT_FOUND', text: `${found.text} ${found.next}` });
      lookout.start(() => {
        tryAgain();
        return opened?.engine ?? null;
      });
      stopWatching = deps.keys.onChange(onKeys);
      onKeys();
    },
    async stop() {
      stopWatching();
      lookout.stop();
      cancelPublish?.();
      cancelPublish = null;
      await lastCopy;
      const current = await session?.promise.catch(() => null);
      await current?.ingest.drain();
      await opened?.publisher.publish().catch((error: unknown) => {
        deps.log.warn({ error: String(error) }, 'the catalogue could not be copied to the places');
      });
      stopped = true;
      session?.abort.abort(locked());
      for (const forget of forgetters) forget();
      session = null;
      if (opened) await database?.keepCopy().catch(() => {});
      await opened?.engine.places.close();
      await opened?.engine.pool.close();
      database?.close();
      opened = null;
    },
    opened() {
      if (!opened) throw noVault(lost.found());
      return opened;
    },
    found: () => (opened ? null : lost.found()),
    tryAgain,
    state() {
      if (!opened) return 'none';
      return session && deps.keys.root() ? 'ready' : 'locked';
    },
    session() {
      if (deps.keys.root() === null) return Promise.reject(shut());
      if (!session) return Promise.reject(noVault(lost.found()));
      return session.promise;
    },
    current: () => session?.open ?? null,
    root() {
      const root = deps.keys.root();
      if (!root) throw shut();
      return root;
    },
    async create(profile, planned, vaultId) {
      if (!database) throw new Error('not started');
      const catalogue = createCatalogue(database, deps.home);
      const keys = vaultKeys(this.root(), vaultId);
      // The places that were waited for may have come back while they were being named.
      creating = true;
      try {
        await lost.settled();
        if (opened)
          throw fail('ALREADY_EXISTS', 'There is a vault already.', { next: 'Add or remove places instead.' });
        await take(catalogue, keys, profile, planned);
      } finally {
        creating = false;
      }
      onKeys();
      await this.session();
    },
    async forget(sure) {
      const was = opened;
      if (!was) return true;
      cancelPublish?.();
      cancelPublish = null;
      const over = session;
      session = null;
      over?.abort.abort(locked());
      for (const forget of forgetters) forget();
      const current = await over?.promise.catch(() => null);
      await current?.ingest.drain();
      // What is being copied to the places is done after this.
      await was.publisher.publish().catch(() => {});
      if (!sure(was.catalogue)) {
        onKeys();
        return false;
      }
      opened = null;
      was.catalogue.forgetVault();
      await remembered.forget();
      await was.engine.places.close();
      await was.engine.pool.close();
      // The last good copy is of what was forgotten.
      await database?.keepCopy().catch(() => {});
      return true;
    },
    changed,
    onLock: (forget) => void forgetters.push(forget),
    onSession: (listen) => void openers.push(listen),
    onChange: (listen) => void listeners.push(listen),
    async whileWorking(work) {
      const mine = work();
      working.add(mine);
      try {
        return await mine;
      } finally {
        working.delete(mine);
      }
    },
    working: () => working.size,
    forOthers: [],
    identityFor,
    rememberPlaces: () => remembered.remember(catalogueNow()),
    async lookAtPlaces(ms, patienceMs) {
      if (opened) await lookout.lookNow(opened.engine, ms, patienceMs);
    },
    async lookForFork() {
      if (opened) await lookout.lookForFork(opened.engine).catch(() => false);
    },
    notices() {
      const told = notices.filter(({ code }) => code !== 'VAULT_FOUND' || !opened);
      const unreadable = unreadableNotice(session?.open?.unreadable ?? 0);
      return [...told, ...unreadable, ...(this.forkNotice().notices ?? [])];
    },
    forkNotice() {
      if (!opened) return {};
      const forked = forkKnown(opened.engine) ? [{ code: 'VAULT_TWO_WRITERS', text: twoWritersText }] : [];
      const found = [...forked, ...oldStateNotices(opened.catalogue), ...toldStates(opened.catalogue, deps.host.now())];
      return found.length > 0 ? { notices: found } : {};
    },
  };
}
