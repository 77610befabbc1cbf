import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { identityFile } from '../../format/place-identity.ts';
import type { PlaceBackend } from '../backend.ts';
import { claim, inspect, isMarked } from './inspect.ts';
import { createDirectoryStore } from './store.ts';

/** A place that is a directory of this computer, on whatever is mounted there. */
export function createDirectoryBackend(path: string): PlaceBackend {
  return {
    inspect: () => inspect(path),
    isMarked: (vault, place) => isMarked(path, vault, place),
    claim: (identity) => claim(path, identity),
    async unclaim(vault, place) {
      if (!(await isMarked(path, vault, place))) return;
      for (const own of ['p', 'c']) await rm(join(path, own), { recursive: true, force: true }).catch(() => {});
      // Last, so that a crash leaves a place.
      await rm(join(path, identityFile), { force: true });
    },
    store: createDirectoryStore(path),
    async close() {},
  };
}
