import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { firstEpoch, type VaultKeys } from '../format/keys.ts';
import { createPlaces } from '../places/places.ts';
import { createRememberedPlaces, type PlannedPlace } from '../places/remembered.ts';
import { createArena } from '../pool/arena.ts';
import { createLender } from '../pool/lender.ts';
import { createPool } from '../pool/pool.ts';
import type { VaultDeps } from '../ports.ts';
import type { Catalogue, PlaceRow } from './catalogue.ts';
import type { Engine } from './engine.ts';
import { createGroupCommit } from './group-commit.ts';
import { newestHead } from './heads.ts';
import { createHealth } from './health.ts';
import { openCatalogue } from './open-catalogue.ts';
import { createPacks, type Packs } from './packs.ts';
import { type RebuildResult, rebuild } from './rebuild.ts';

/** What can be read of a vault's catalogue: as {@link rebuild} says it, and the places that the catalogue names. */
export interface Look extends RebuildResult {
  readonly places: readonly PlaceRow[];
  /** Hash of the newest head; null for a catalogue without. */
  readonly head: Uint8Array | null;
  /** When that was copied; null where it is not known. */
  readonly at: number | null;
}

/** A catalogue that was rebuilt to be looked at, with what reads files by it. */
export interface Looking {
  readonly found: Look;
  readonly catalogue: Catalogue;
  readonly packs: Packs;
  readonly engine: Engine;
}

/**
 * Rebuild a vault's catalogue from some of its places in a database of its own, which is thrown away: whether they are enough
 * is known before anything is made. Nothing on the places is changed.
 */
export const lookInto = (
  deps: VaultDeps,
  profile: Profile,
  keys: VaultKeys,
  planned: readonly PlannedPlace[],
): Promise<Look> => lookIntoWith(deps, 'looking', profile, keys, planned, async ({ found }) => found);

/**
 * As {@link lookInto}, and `use` it before it goes.
 *
 * @param name of the directory below the vault's own that it lies in meanwhile; those of one name come one after the other
 */
export function lookIntoWith<T>(
  deps: VaultDeps,
  name: string,
  profile: Profile,
  keys: VaultKeys,
  planned: readonly PlannedPlace[],
  use: (looking: Looking) => Promise<T>,
): Promise<T> {
  const mine = (last.get(name) ?? Promise.resolve()).then(() => look(deps, name, profile, keys, planned, use));
  last.set(
    name,
    mine.catch(() => {}),
  );
  return mine;
}

/** Remove what a look left that was cut short. */
export const clearLook = (deps: Pick<VaultDeps, 'home'>, name: string): Promise<void> =>
  rm(join(deps.home, 'vault', name), { recursive: true, force: true });

type Profile = { readonly k: number; readonly m: number };

/** They share a directory: one at a time. */
const last = new Map<string, Promise<unknown>>();

async function look<T>(
  deps: VaultDeps,
  name: string,
  { k, m }: Profile,
  keys: VaultKeys,
  planned: readonly PlannedPlace[],
  use: (looking: Looking) => Promise<T>,
): Promise<T> {
  const directory = join(deps.home, 'vault', name);
  await clearLook(deps, name);
  const { database, catalogue } = openCatalogue(directory, deps);
  try {
    const { vaultId: id, check, integrity } = keys;
    const row = { id, k, m, epoch: firstEpoch, check, integrity, created: deps.host.now() };
    await createRememberedPlaces(directory, deps).insert(catalogue, planned, keys, () => catalogue.createVault(row, 0));
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
      const packs = createPacks(engine, vault);
      const result = await rebuild(engine, packs, keys, 0);
      const { hash: head = null, at = null } = newestHead(catalogue) ?? {};
      return await use({ found: { ...result, places: catalogue.places(), head, at }, catalogue, packs, engine });
    } finally {
      await places.close();
      await pool.close();
    }
  } finally {
    database.close();
    await clearLook(deps, name);
  }
}
