import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { firstEpoch, type VaultKeys } from '../format/keys.ts';
import { createPlaces } from '../places/places.ts';
import { createRememberedPlaces, type PlannedPlace } from '../places/remembered.ts';
import { createArena } from '../pool/arena.ts';
import { createLender } from '../pool/lender.ts';
import { createPool } from '../pool/pool.ts';
import type { VaultDeps } from '../ports.ts';
import type { PlaceRow } from './catalogue.ts';
import type { Engine } from './engine.ts';
import { createGroupCommit } from './group-commit.ts';
import { createHealth } from './health.ts';
import { openCatalogue } from './open-catalogue.ts';
import { createPacks } from './packs.ts';
import { type RebuildResult, rebuild } from './rebuild.ts';

/** What can be read of a vault's catalogue: as {@link rebuild} says it, and the places that the catalogue names. */
export interface Look extends RebuildResult {
  readonly places: readonly PlaceRow[];
}

/**
 * Rebuild a vault's catalogue from some of its places in a database of its own, which is thrown away: whether they are enough
 * is known before anything is made. Nothing on the places is changed.
 */
export function lookInto(...input: Parameters<typeof look>): Promise<Look> {
  const mine = last.then(() => look(...input));
  last = mine.catch(() => {});
  return mine;
}

/** They share a directory: one at a time. */
let last: Promise<unknown> = Promise.resolve();

async function look(
  deps: VaultDeps,
  { k, m }: { readonly k: number; readonly m: number },
  keys: VaultKeys,
  planned: readonly PlannedPlace[],
): Promise<Look> {
  const directory = join(deps.home, 'vault', 'looking');
  await rm(directory, { recursive: true, force: true });
  const { database, catalogue } = openCatalogue(directory, deps);
  try {
    const { vaultId: id, check, integrity } = keys;
    catalogue.createVault({ id, k, m, epoch: firstEpoch, check, integrity, created: deps.host.now() }, 0);
    await createRememberedPlaces(directory, deps).insert(catalogue, planned, keys);
    const vault = catalogue.vault();
    if (!vault) throw new Error('no vault row');
    const arena = createArena(k, m, 1);
    const pool = createPool(
      arena,
      deps.workers === 0 ? 0 : 1,
      deps.workerUrl ?? new URL('../pool/worker.ts', import.meta.url),
    );
    const places = createPlaces(deps, catalogue);
    places.learn(keys);
    const health = createHealth(catalogue, places);
    const group = createGroupCommit(database);
    const engine: Engine = { deps, catalogue, group, places, health, arena, pool, slots: createLender(arena.slots) };
    try {
      const result = await rebuild(engine, createPacks(engine, vault), keys, 0);
      return { ...result, places: catalogue.places() };
    } finally {
      await places.close();
      await pool.close();
    }
  } finally {
    database.close();
    await rm(directory, { recursive: true, force: true });
  }
}
