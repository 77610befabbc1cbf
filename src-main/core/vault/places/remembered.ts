import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { type PlaceAddress, type PlaceSecret, placeAddressSchema } from '#shared/contract/vault.ts';
import { type VaultKeys, vaultKeys } from '../format/keys.ts';
import { openSecret, sealSecret } from '../format/place-secret.ts';
import type { VaultDeps } from '../ports.ts';
import type { Catalogue, PlaceRow } from '../store/catalogue.ts';
import { keptPath, pathToKeep } from './directory/home-paths.ts';
import { inspect } from './directory/inspect.ts';
import { deviceOf } from './failure-domain.ts';

/** A place that is to be used, or was. */
export interface PlannedPlace extends Partial<Pick<PlaceRow, 'owner' | 'site' | 'limit' | 'weight'>> {
  readonly id: string;
  readonly name: string;
  readonly address: PlaceAddress;
  /** Null: not to be had, for it is sealed. */
  readonly secret: PlaceSecret | null;
}

/** What is in the file of a place; a directory has a path alone. */
const entrySchema = z.object({
  id: z.string(),
  name: z.string().default(''),
  path: z.string().optional(),
  address: placeAddressSchema.optional(),
  sealed: z.base64().optional(),
});
type Entry = z.infer<typeof entrySchema>;

export type RememberedPlaces = ReturnType<typeof createRememberedPlaces>;

/**
 * The list of places beside the catalogue, `places.json`: where to look when the catalogue is lost. What opens a place is in it
 * sealed, as in the catalogue. docs/formats/vault.md, "Where places are".
 */
export function createRememberedPlaces(directory: string, { home, host }: Pick<VaultDeps, 'home' | 'host'>) {
  const path = join(directory, 'places.json');
  const entryOf = ({ id, name, address, sealed }: PlaceRow): Entry => ({
    id,
    name,
    ...(address.kind === 'directory' ? { path: pathToKeep(home, address.path) } : { address }),
    ...(sealed === null ? {} : { sealed: Buffer.from(sealed).toString('base64') }),
  });
  const addressOf = ({ path: kept, address }: Entry): PlaceAddress | null =>
    address ?? (kept === undefined ? null : { kind: 'directory', path: keptPath(home, kept) });
  return {
    async remember(catalogue: Catalogue): Promise<void> {
      const vault = Buffer.from(catalogue.vault()?.id ?? []).toString('hex');
      const list = { version: 2, vault, places: catalogue.places().map(entryOf) };
      await writeFileAtomic(path, `${JSON.stringify(list, null, 2)}\n`);
    },
    forget: (): Promise<void> => rm(path, { force: true }),
    /** What was remembered last; nothing when it cannot be read. Only with the person's root is known what opens places. */
    recall(root: Uint8Array | null = null): PlannedPlace[] {
      try {
        const parsed = JSON.parse(readFileSync(path, 'utf8')) as { vault?: unknown; places?: unknown[] };
        const { vault } = parsed;
        const known = typeof vault === 'string' && /^[0-9a-f]{32}$/.test(vault);
        const keys = root && known ? vaultKeys(root, Buffer.from(vault, 'hex')) : null;
        return (parsed.places ?? []).flatMap((one): PlannedPlace[] => {
          const entry = entrySchema.safeParse(one).data;
          const address = entry && addressOf(entry);
          if (!entry || !address) return [];
          const { id, name, sealed } = entry;
          const secret = sealed === undefined ? {} : keys && openSecret(keys, id, Buffer.from(sealed, 'base64'));
          return [{ id, name, address, secret }];
        });
      } catch {
        return [];
      }
    },
    /**
     * Enter places in the catalogue, with the devices they lie on now. `first` is done in the same transaction: a vault without its places
     * would look like one that has lost everything.
     */
    async insert(
      catalogue: Catalogue,
      places: readonly PlannedPlace[],
      keys: VaultKeys,
      first: () => void,
    ): Promise<void> {
      const homeDevice = (await inspect(home)).device;
      const seen = await Promise.all(
        places.map(async ({ address }) => (address.kind === 'directory' ? (await inspect(address.path)).device : '')),
      );
      catalogue.transaction(() => {
        first();
        places.forEach(({ id, name, address, secret, owner = '', site = '', limit = null, weight = 1 }, i) => {
          const sealed = sealSecret(keys, host.random, id, secret ?? {});
          const marks = { owner, site, limit, weight, ...deviceOf(address, seen[i] ?? '', homeDevice) };
          const added = host.now() + i;
          catalogue.putPlace({ id, name, address, sealed, ...marks, state: 'active', added, checked: null });
        });
      });
    },
  };
}
