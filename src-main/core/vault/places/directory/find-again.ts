import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PlaceIdentity } from '../../format/place-identity.ts';
import { isInside } from './home-paths.ts';
import { inspect } from './inspect.ts';

export interface Marked {
  readonly path: string;
  readonly identity: PlaceIdentity;
}

/** The directories below the data directory, where default places are made, that bear the mark of a place of any vault. */
export async function placesAtHome(home: string): Promise<Marked[]> {
  const directory = join(home, 'places');
  const names = await readdir(directory).catch(() => []);
  const paths = names.sort().map((name) => join(directory, name));
  const seen = await Promise.all(paths.map(async (path) => ({ path, identity: (await inspect(path)).identity })));
  return seen.flatMap(({ path, identity }) => (identity ? [{ path, identity }] : []));
}

/**
 * Where a place lies, when not where it was written down: the data directory was moved, or brought back from a copy, with
 * places that were written down by their full path.
 *
 * @returns null to leave it where it is
 */
export async function movedTo(
  place: { readonly id: string; readonly path: string },
  home: string,
  atHome: readonly Marked[],
): Promise<string | null> {
  const [found, another] = atHome.filter(({ identity }) => identity.place === place.id);
  if (!found || another || found.path === place.path) return null;
  const { identity } = await inspect(place.path);
  if (identity?.place !== place.id || identity.vault !== found.identity.vault) return found.path;
  // Both are there: this data directory is a copy, and the place that it was written down with is the original's.
  const isDefault =
    basename(dirname(place.path)) === 'places' &&
    basename(place.path) === basename(found.path) &&
    !isInside(home, place.path);
  return isDefault ? found.path : null;
}
