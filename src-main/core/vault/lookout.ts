import { movedTo, placesAtHome } from './places/directory/find-again.ts';
import { pathToKeep } from './places/directory/home-paths.ts';
import type { LivePlace } from './places/places.ts';
import type { RememberedPlaces } from './places/remembered.ts';
import type { VaultDeps } from './ports.ts';
import type { Catalogue } from './store/catalogue.ts';
import type { Engine } from './store/engine.ts';
import { forkKnown, isForked } from './store/fork.ts';
import { lookAtCopies, lookForOldStates } from './store/old-states.ts';

/** How often the places are looked at while nobody asks: a few stats each. Servers are asked more seldom (places/seldom.ts). */
const lookEveryMs = 20_000;

export type Lookout = ReturnType<typeof createLookout>;

/** Sees what happens to the places without this agent: moved, pulled out, written to by another. `changed`: clients should know. */
export function createLookout(deps: VaultDeps, remembered: RememberedPlaces, changed: () => void) {
  let cancel = (): void => {};
  let stopped = true;

  /** Places that are no longer where they were written down, because the data directory was moved or copied. */
  const findPlaces = async (catalogue: Catalogue): Promise<void> => {
    const vaultId = Buffer.from(catalogue.vault()?.id ?? []).toString('hex');
    const atHome = (await placesAtHome(deps.home)).filter(({ identity }) => identity.vault === vaultId);
    const kept = new Map(
      catalogue
        .all<{ id: string; path: string }>('SELECT id, path FROM places WHERE address IS NULL')
        .map((p) => [p.id, p.path]),
    );
    let moved = false;
    for (const row of catalogue.places()) {
      if (row.address.kind !== 'directory') continue;
      const path = (await movedTo(row, deps.home, atHome)) ?? row.path;
      if (kept.get(row.id) === pathToKeep(deps.home, path)) continue;
      catalogue.putPlace({ ...row, address: { kind: 'directory', path } });
      moved = true;
    }
    if (moved)
      await remembered.remember(catalogue).catch((error: unknown) => {
        deps.log.warn({ error: String(error) }, 'the list of places was not written');
      });
  };

  /** What another agent wrote is no newer state of this vault: taking it over would drop what was done here. */
  let lookedForFork = Number.NEGATIVE_INFINITY;
  const lookForFork = async (engine: Engine, which?: (place: LivePlace) => boolean): Promise<boolean> => {
    lookedForFork = deps.host.now();
    const before = forkKnown(engine);
    const look = lookAtCopies(engine);
    const now = await isForked(engine, which, look.list);
    if (now && !before) deps.log.warn({}, 'somebody else writes to the places of this vault');
    const older = now ? false : await lookForOldStates(engine, which, look);
    if (now !== before || older) changed();
    return now;
  };

  /** A disk that is pulled out shows by itself, without anybody asking. */
  const lookAgain = (engine: () => Engine | null): void => {
    cancel = deps.host.setTimer(lookEveryMs, () => {
      const seen = engine();
      const look = seen ? lookNow(seen, lookEveryMs / 2, lookEveryMs) : Promise.resolve();
      void look.finally(() => {
        if (!stopped) lookAgain(engine);
      });
    });
  };

  let looking: Promise<void> | null = null;
  /** See what is on the places, if that was long ago; waits so long at most, for a mount may hang. */
  const lookNow = async (engine: Engine, ms: number, patienceMs: number): Promise<void> => {
    looking ??= (async () => {
      const before = new Map(engine.places.all().map(({ row, checkedAt }) => [row.id, checkedAt]));
      await engine.places.refreshAfter(ms);
      if (Math.abs(deps.host.now() - lookedForFork) < ms) return;
      // Of servers those that were asked just now.
      await lookForFork(
        engine,
        ({ row, checkedAt }) => row.address.kind === 'directory' || before.get(row.id) !== checkedAt,
      );
    })()
      .catch((error: unknown) => deps.log.warn({ error: String(error) }, 'the places could not be looked at'))
      .finally(() => {
        looking = null;
      });
    let cancelWait = (): void => {};
    const late = new Promise<void>((resolve) => {
      cancelWait = deps.host.setTimer(patienceMs, resolve);
    });
    await Promise.race([looking, late]);
    cancelWait();
  };

  return {
    findPlaces,
    lookForFork,
    lookNow,
    /** Look by and by until {@link stop}. */
    start(engine: () => Engine | null): void {
      stopped = false;
      lookAgain(engine);
    },
    stop(): void {
      stopped = true;
      cancel();
    },
  };
}
