import type { Opened } from './core.ts';
import { noVault, waitingVault } from './failures.ts';
import type { VaultKeys } from './format/keys.ts';
import type { Lookout } from './lookout.ts';
import type { RememberedPlaces } from './places/remembered.ts';
import type { VaultDeps } from './ports.ts';
import type { VaultRow } from './store/catalogue.ts';
import { compareStates } from './store/old-states.ts';
import { rebuild } from './store/rebuild.ts';
import { noteMixed } from './store/told-states.ts';

export interface BringUpDeps {
  readonly deps: Pick<VaultDeps, 'log' | 'host'>;
  readonly lookout: Pick<Lookout, 'findPlaces'>;
  readonly remembered: Pick<RememberedPlaces, 'recall' | 'remember'>;
  /** Forget what a crash left half written. */
  readonly cleanUp: () => Promise<void>;
  readonly notice: (notice: { code: string; text: string }) => void;
}

/**
 * Read from the places what the catalogue does not know: it is new here, or an old copy of it was put back.
 *
 * @throws Fail NO_VAULT when too few places are there to read anything of a vault that was taken up
 */
export function createBringUp({ deps, lookout, remembered, cleanUp, notice }: BringUpDeps) {
  return async (opened: Opened, row: VaultRow, keys: VaultKeys): Promise<void> => {
    const { catalogue, engine, packs, publisher, maintenance } = opened;
    const result = await rebuild(engine, packs, keys, row.restored ? row.published : 0);
    const away = engine.places.all().filter((place) => !engine.places.readable(place.row.id));
    // Taken up, and stopped before anything could be read.
    if (row.published === 0 && result.generation === 0 && (result.incomplete || away.length > 0)) {
      const names = away.map(({ row: { name, path } }) => `${name} (${path})`);
      throw noVault(waitingVault(engine.places.all().length - away.length, row.k, names));
    }
    catalogue.run('UPDATE vault SET restored = 0');
    await lookout.findPlaces(catalogue);
    await engine.places.refresh();
    engine.health.load();
    await compareStates(engine, result.generation);
    // A place that is remembered but not in the catalogue was added after what could be read.
    const known = new Set(catalogue.places().map((place) => place.id));
    if (remembered.recall().some((place) => !known.has(place.id)))
      catalogue.run('UPDATE lineage SET gap = max(gap, 1)');
    // A pack half written in an old copy may be whole in what is newer.
    maintenance.hold();
    const whole = !result.incomplete && !result.mixed;
    if (whole) await cleanUp();
    if (result.generation > 0) noteMixed(catalogue, result.mixed, deps.host.now());
    if (result.items === 0) return;
    deps.log.info({ ...result }, 'the catalogue was rebuilt from the places');
    notice({
      code: 'VAULT_REBUILT',
      text: result.incomplete
        ? 'The vault’s catalogue was rebuilt from its places, but the newest changes were on places that are missing now.'
        : 'The vault’s catalogue was rebuilt from its places.',
    });
    await remembered.remember(catalogue);
    if (whole) await publisher.publishBase().catch(() => {});
  };
}
