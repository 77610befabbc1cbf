import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import type { VaultDeps } from '../ports.ts';
import type { Catalogue } from '../store/catalogue.ts';
import { keptPath, pathToKeep } from './directory/home-paths.ts';
import { deviceWords, inspect } from './directory/inspect.ts';

export interface PlannedPlace {
  readonly id: string;
  readonly path: string;
  readonly name: string;
}

export type RememberedPlaces = ReturnType<typeof createRememberedPlaces>;

/** The list of places beside the catalogue, `places.json`: where to look when the catalogue is lost. */
export function createRememberedPlaces(directory: string, { home, host }: Pick<VaultDeps, 'home' | 'host'>) {
  const path = join(directory, 'places.json');
  return {
    async remember(catalogue: Catalogue): Promise<void> {
      const list = catalogue.places().map(({ id, name, path: at }) => ({ id, name, path: pathToKeep(home, at) }));
      await writeFileAtomic(path, `${JSON.stringify({ version: 1, places: list }, null, 2)}\n`);
    },
    forget: (): Promise<void> => rm(path, { force: true }),
    /** What was remembered last; nothing when it cannot be read. */
    recall(): PlannedPlace[] {
      try {
        const parsed = JSON.parse(readFileSync(path, 'utf8')) as { places?: PlannedPlace[] };
        const list = (parsed.places ?? []).filter((p) => typeof p.id === 'string' && typeof p.path === 'string');
        return list.map((p) => ({ ...p, path: keptPath(home, p.path) }));
      } catch {
        return [];
      }
    },
    /** Enter places in the catalogue, with the devices they lie on now. */
    async insert(catalogue: Catalogue, places: readonly PlannedPlace[]): Promise<void> {
      const homeDevice = (await inspect(home)).device;
      const seen = await Promise.all(places.map(async (p) => ({ ...p, device: (await inspect(p.path)).device })));
      catalogue.transaction(() => {
        seen.forEach(({ id, name, path: at, device }, i) => {
          const deviceName = deviceWords(device, at, homeDevice);
          const added = host.now() + i;
          catalogue.putPlace({ id, name, path: at, device, deviceName, state: 'active', added, checked: null });
        });
      });
    },
  };
}
