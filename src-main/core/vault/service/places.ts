import { rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { Handlers } from '#core/broker/handlers.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { randomId } from '#core/crypto/ids.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Core, PlannedPlace } from '../core.ts';
import { notEnoughPlaces, notFound, noVault } from '../failures.ts';
import { vaultKeys } from '../format/keys.ts';
import { identityFile, type PlaceIdentity } from '../format/place-identity.ts';
import { claim, deviceWords, inspect } from '../places/inspect.ts';
import { describePlace } from '../places/places.ts';
import type { Describer } from './describe.ts';

type Vault = Handlers<typeof vaultContract>;
type Part = Pick<
  Vault,
  'vault.setup' | 'vault.places' | 'vault.addPlace' | 'vault.removePlace' | 'vault.verify' | 'vault.repair'
>;

const badPlace = (path: string, why: string, next = 'Choose an empty directory, best on another drive.') =>
  fail('BAD_PLACE', `${path} cannot be a place: ${why}.`, { meaning: 'Nothing was changed.', next });

export function placeHandlers(core: Core, describe: Describer, status: Vault['vault.status']): Part {
  /** The directory can become a place, or is one of this person's. @throws Fail BAD_PLACE */
  const examine = async (path: string): Promise<PlaceIdentity | null> => {
    const seen = await inspect(path);
    if (seen.kind === 'not-a-directory') throw badPlace(path, 'it is not a directory');
    if (seen.kind === 'unmarked') throw badPlace(path, 'it is not empty');
    if (seen.kind === 'unreadable') throw badPlace(path, 'it cannot be read');
    if (seen.kind === 'bad-mark') {
      const next = `Put ${identityFile} back from a copy if it is a place of yours, or choose an empty directory.`;
      throw badPlace(
        path,
        `it bears the mark of a place (${identityFile}), which is damaged or of a later release`,
        next,
      );
    }
    if (seen.kind === 'absent') {
      const parent = await stat(dirname(path)).catch(() => null);
      if (!parent?.isDirectory() && !inside(core.deps.home, path))
        throw badPlace(path, 'the directory above it does not exist');
      return null;
    }
    if (!seen.writable) throw badPlace(path, 'it cannot be written to');
    if (seen.identity && !opens(core.root(), seen.identity)) throw badPlace(path, 'it belongs to another vault');
    return seen.identity;
  };

  return {
    async 'vault.setup'(input, context) {
      core.root();
      if (core.state() !== 'none') {
        throw fail('ALREADY_EXISTS', 'There is a vault already.', { next: 'Add or remove places instead.' });
      }
      const defaults = Array.from({ length: input.profile.k + input.profile.m }, (_, i) =>
        join(core.deps.home, 'places', String(i + 1)),
      );
      const paths = (input.paths ?? defaults).map((path) => resolve(path));
      checkApart(paths);
      const found = await Promise.all(paths.map(async (path) => ({ path, identity: await examine(path) })));
      const known = found.find((f) => f.identity !== null)?.identity ?? null;
      if (known && found.some((f) => f.identity && f.identity.vault !== known.vault)) {
        throw badPlace(paths.join(', '), 'they belong to different vaults');
      }
      const { k, m } = known ?? input.profile;
      if (!known && paths.length < k + m) {
        throw fail('TOO_FEW_PLACES', `${k + m} places are needed, ${paths.length} were given.`, {
          next: 'Name more directories, or choose a smaller profile.',
        });
      }
      const vaultId = known ? Buffer.from(known.vault, 'hex') : core.deps.host.random(16);
      const planned: PlannedPlace[] = found.map(({ path, identity }) => ({
        id: identity?.place ?? randomId(core.deps.host.random),
        path,
        name: placeName(core.deps.home, path),
      }));
      // Identities first: a crash before the catalogue knows them leaves places that setup takes up again.
      const check = Buffer.from(vaultKeys(core.root(), vaultId).check).toString('hex');
      const vault = Buffer.from(vaultId).toString('hex');
      const createdAt = core.deps.host.now();
      for (const [i, place] of planned.entries()) {
        if (found[i]?.identity) continue;
        await claim(place.path, {
          format: 'hypha-vault-place',
          version: 1,
          vault,
          place: place.id,
          check,
          k,
          m,
          createdAt,
        });
      }
      await core.create({ k, m }, planned, vaultId);
      await core.rememberPlaces();
      const session = await core.session();
      await session.publisher.publish();
      core.changed([]);
      return status({}, context);
    },

    async 'vault.places'() {
      if (core.state() === 'none') return { places: [] };
      const { engine, catalogue } = core.opened();
      await engine.places.refresh();
      const rows = catalogue.all<{ place: string; n: number; bytes: number }>(
        `SELECT place, count(*) AS n, sum(shard_length + 96) AS bytes FROM shards JOIN packs ON seq = pack
         WHERE shards.state = 'ok' AND packs.state = 'stored' GROUP BY place`,
      );
      return {
        places: engine.places.all().map((place) => {
          const row = rows.find((r) => r.place === place.row.id);
          return describePlace(place, row?.n ?? 0, row?.bytes ?? 0);
        }),
      };
    },

    async 'vault.addPlace'(input, context) {
      const session = await core.session();
      const { engine, catalogue, publisher } = session;
      const path = resolve(input.path);
      const rows = catalogue.places();
      if (rows.some((row) => row.path === path)) {
        throw fail('ALREADY_EXISTS', `${path} is a place already.`, { next: 'Choose another directory.' });
      }
      checkApart([path, ...rows.map((row) => row.path)]);
      const identity = await examine(path);
      const vault = Buffer.from(session.vault.id).toString('hex');
      if (identity && identity.vault !== vault) throw badPlace(path, 'it belongs to another vault');
      if (identity && rows.some((row) => row.id === identity.place)) {
        throw fail('ALREADY_EXISTS', `${path} is a place already, known at another path.`, {
          next: 'If the drive has moved, connect it at its old path.',
        });
      }
      const id = identity?.place ?? randomId(core.deps.host.random);
      await claim(path, core.identityFor(id));
      const { device } = await inspect(path);
      const homeDevice = (await inspect(core.deps.home)).device;
      const name = input.name ?? placeName(core.deps.home, path);
      const added = core.deps.host.now();
      catalogue.transaction(() => {
        const deviceName = deviceWords(device, path, homeDevice);
        catalogue.putPlace({ id, name, path, device, deviceName, state: 'active', added, checked: null });
      });
      await engine.places.refresh();
      await core.rememberPlaces();
      await publisher.publish();
      core.changed([id]);
      context.undo('vault.removePlace', { place: id });
      const place = engine.places.get(id);
      if (!place) throw notFound('The place');
      return { place: describePlace(place, 0, 0) };
    },

    async 'vault.removePlace'(input, context) {
      const { engine, catalogue, maintenance, packs, publisher, vault } = core.opened();
      const row = catalogue.places().find((p) => p.id === input.place);
      if (!row) throw fail('NOT_FOUND', 'There is no such place.', { next: 'Look at the list of places.' });
      await engine.places.refresh();
      const others = engine.places.writable().filter((c) => c.id !== row.id);
      if (others.length < vault.k + vault.m) {
        const failure = notEnoughPlaces(others.length, vault.k + vault.m);
        throw fail('NOT_ENOUGH_PLACES', 'The other places are too few to take over what lies here.', {
          meaning: 'The place stays in use; nothing was moved.',
          next: 'Add another place first, then remove this one.',
          ...(failure.data ? { data: failure.data } : {}),
        });
      }
      catalogue.transaction(() => catalogue.putPlace({ ...row, state: 'leaving' }));
      await engine.places.refresh();
      let moved = 0;
      try {
        // Packs that chose this place before it was leaving are moved off it too, once they are stored.
        await packs.written();
        moved = await maintenance.drainPlace(row.id, context);
      } catch (error) {
        catalogue.transaction(() => catalogue.putPlace({ ...row, state: 'active' }));
        await engine.places.refresh();
        core.changed([row.id]);
        throw error;
      }
      const reachable = engine.places.readable(row.id);
      catalogue.transaction(() => {
        // Only what cannot be rebuilt from anywhere is still assigned to it.
        for (const { pack } of catalogue.all<{ pack: number }>('SELECT pack FROM shards WHERE place = ?', row.id)) {
          catalogue.packTouched(pack);
        }
        catalogue.run(`UPDATE shards SET place = NULL, state = 'missing' WHERE place = ?`, row.id);
        catalogue.dropPlace(row.id);
      });
      await engine.places.refresh();
      engine.health.load();
      await core.rememberPlaces();
      await publisher.publish();
      if (reachable) {
        await rm(join(row.path, identityFile), { force: true }).catch(() => {});
        for (const own of ['p', 'c']) await rm(join(row.path, own), { recursive: true, force: true }).catch(() => {});
      }
      core.changed([row.id]);
      context.undo('vault.addPlace', { path: row.path, name: row.name });
      return { moved };
    },

    async 'vault.verify'(_, context) {
      if (core.state() === 'none') throw noVault();
      const { maintenance, engine } = core.opened();
      const result = await maintenance.verify(context);
      engine.health.touch();
      const session = core.state() === 'ready' ? await core.session().catch(() => null) : null;
      core.changed([]);
      return { ...result, damagedFiles: session ? describe.counts(session).damaged : 0 };
    },

    async 'vault.repair'(_, context) {
      if (core.state() === 'none') throw noVault();
      const { maintenance, publisher } = core.opened();
      const result = await maintenance.repair(context);
      await publisher.publish();
      core.changed([]);
      return result;
    },
  };
}

const inside = (directory: string, path: string): boolean => {
  const way = relative(directory, path);
  return way === '' || (!way.startsWith('..') && !isAbsolute(way));
};

/** Two places in one another would delete each other's files. */
function checkApart(paths: readonly string[]): void {
  paths.forEach((a, i) => {
    paths.forEach((b, j) => {
      if (i !== j && inside(a, b)) throw badPlace(b, a === b ? 'it was named twice' : `it lies inside the place ${a}`);
    });
  });
}

const opens = (root: Uint8Array, identity: PlaceIdentity): boolean =>
  equalBytes(vaultKeys(root, Buffer.from(identity.vault, 'hex')).check, Buffer.from(identity.check, 'hex'));

function placeName(home: string, path: string): string {
  return inside(home, path) ? `Place ${basename(path)}` : basename(path) || path;
}
