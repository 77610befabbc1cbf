import type { PlaceIdentity } from '../format/place-identity.ts';
import type { ShardStore } from '../ports.ts';
import type { PlaceBackend } from './backend.ts';
import * as directory from './directory/holds.ts';
import { openBackend, type Spot, type SpotDeps } from './open-backend.ts';

type Deps = SpotDeps;

const dataDirectories = async (store: ShardStore): Promise<string[]> =>
  (await store.list('p')).filter((name) => /^p\/[^/]+$/.test(name));

async function* namesIn(store: ShardStore, directories: readonly string[]): AsyncGenerator<string> {
  for (const one of directories) yield* await store.list(one);
}

const isNone = async (names: AsyncGenerator<string>): Promise<boolean> => {
  for await (const _ of names) return false;
  return true;
};

async function using<T>(deps: Deps, spot: Spot, work: (backend: PlaceBackend) => Promise<T>): Promise<T> {
  const backend = openBackend(deps, spot);
  try {
    return await work(backend);
  } finally {
    await backend.close().catch(() => {});
  }
}

/** No piece of a file is there; the copy of a catalogue may be. False also when it cannot be looked at. */
export const holdsNoData = async (deps: Deps, spot: Spot): Promise<boolean> => {
  if (spot.address.kind === 'directory') return directory.holdsNoData(spot.address.path);
  return using(deps, spot, async ({ store }) => isNone(namesIn(store, await dataDirectories(store)))).catch(
    () => false,
  );
};

/** Nothing but the mark is there. False also when it cannot be looked at. */
export const holdsNothing = async (deps: Deps, spot: Spot): Promise<boolean> => {
  if (spot.address.kind === 'directory') return directory.holdsNothing(spot.address.path);
  return using(deps, spot, async ({ store }) => isNone(namesIn(store, [...(await dataDirectories(store)), 'c']))).catch(
    () => false,
  );
};

/** The place is as empty as before it became one. Only for what is known to hold nothing of worth. */
export const release = (
  deps: Deps,
  spot: Spot,
  { vault, place }: Pick<PlaceIdentity, 'vault' | 'place'>,
): Promise<void> =>
  using(deps, spot, async (backend) => {
    const { store } = backend;
    if (!(await backend.isMarked(vault, place))) return;
    for await (const name of namesIn(store, [...(await dataDirectories(store)), 'c'])) await store.remove(name);
    await store.settle();
    await backend.unclaim(vault, place);
  });

/** Write a mark where none is. @returns false when another is there */
export const claimAt = (deps: Deps, spot: Spot, identity: PlaceIdentity): Promise<boolean> =>
  using(deps, spot, (backend) => backend.claim(identity));

export const isMarkedAt = (deps: Deps, spot: Spot, vault: string, place: string): Promise<boolean> =>
  using(deps, spot, (backend) => backend.isMarked(vault, place));
