import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Handlers } from '#core/broker/handlers.ts';
import { randomId } from '#core/crypto/ids.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Core } from '../core.ts';
import { notFound, noVault } from '../failures.ts';
import { identityFile, type PlaceIdentity } from '../format/place-identity.ts';
import { isInside } from '../places/directory/home-paths.ts';
import { claim, deviceWords, inspect, isMarked } from '../places/directory/inspect.ts';
import { describePlace } from '../places/places.ts';
import type { PlaceRow } from '../store/catalogue.ts';
import { clearPlace } from '../store/clear-place.ts';
import type { Engine } from '../store/engine.ts';
import { sweepStrangers } from '../store/strangers.ts';
import type { Describer } from './describe.ts';
import {
  badPlace,
  checkApart,
  checkOutsideHome,
  checkRemoval,
  isEmpty,
  ofEarlierVault,
  opens,
  placeName,
} from './place-checks.ts';
import { setupHandler } from './setup.ts';

type Vault = Handlers<typeof vaultContract>;
type Part = Pick<
  Vault,
  'vault.setup' | 'vault.places' | 'vault.addPlace' | 'vault.removePlace' | 'vault.verify' | 'vault.repair'
>;

/** Files that cannot be read now, without their names; those in the bin too. */
function damagedItems({ catalogue, health }: Engine): number {
  const items = new Set<string>();
  for (const { pack, item } of catalogue.all<{ pack: number; item: string }>('SELECT pack, item FROM item_packs')) {
    if (health.pack(pack) === 'damaged') items.add(item);
  }
  return items.size;
}

/** Runs one at a time what it is given, in the order it was asked for. */
function oneAtATime() {
  let last: Promise<unknown> = Promise.resolve();
  return <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> => {
      const mine = last.then(() => work(...args));
      last = mine.catch(() => {});
      return mine;
    };
}

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
      if (!parent?.isDirectory() && !isInside(core.deps.home, path))
        throw badPlace(path, 'the directory above it does not exist');
      return null;
    }
    if (!seen.writable) throw badPlace(path, 'it cannot be written to');
    if (seen.identity && !opens(core.root(), seen.identity)) throw badPlace(path, 'it belongs to another vault');
    return seen.identity;
  };

  const setup = setupHandler(core, examine, status);

  /** One change of the list of places at a time: what one found out about a directory must hold until it is done. */
  const alone = oneAtATime();
  /** Removals wait for each other, but not the rest for them: moving everything off a place takes long. */
  const oneRemoval = oneAtATime();

  /** Drop a place that was drained, and what is left on it. @returns false when something came to lie there again */
  const forgetPlace = alone(async (row: PlaceRow): Promise<boolean> => {
    const { engine, catalogue, publisher, vault } = core.opened();
    const forgotten = catalogue.transaction(() => {
      const holds = `FROM shards JOIN packs ON seq = pack WHERE place = ? AND packs.state = 'stored'`;
      if (catalogue.one(`SELECT 1 ${holds} AND shards.state = 'ok'`, row.id)) return false;
      // Only what is of no use, or of packs that were deleted, is still assigned to it.
      for (const { pack } of catalogue.all<{ pack: number }>(`SELECT pack ${holds}`, row.id))
        catalogue.packTouched(pack);
      catalogue.run(`UPDATE shards SET place = NULL, state = 'missing' WHERE place = ?`, row.id);
      catalogue.dropPlace(row.id);
      return true;
    });
    if (!forgotten) return false;
    const left = engine.places.get(row.id);
    await engine.places.refresh();
    engine.health.load();
    await core.rememberPlaces();
    // While the copy of the catalogue on the places still looks for shards here, they stay.
    const told = await publisher.publish();
    // Only what bears the mark of this very place is cleared.
    const vaultId = Buffer.from(vault.id).toString('hex');
    if (!told || !left || !(await left.backend.isMarked(vaultId, row.id))) return true;
    if (!(await clearPlace(engine, left.store))) {
      core.deps.log.warn({ place: row.id }, 'some shards on a place that was removed may be needed yet; they stay');
      return true;
    }
    await left.backend.unclaim(vaultId, row.id).catch(() => {});
    return true;
  });

  /** A known place is at another path now. */
  const moveTo = async (row: PlaceRow, path: string) => {
    const { engine, catalogue, publisher } = core.opened();
    const { device } = await inspect(path);
    const deviceName = deviceWords(device, path, (await inspect(core.deps.home)).device);
    catalogue.transaction(() => catalogue.putPlace({ ...row, path, device, deviceName }));
    await engine.places.refresh();
    engine.health.load();
    await core.rememberPlaces();
    await publisher.publish();
    core.changed([row.id]);
    return described(row.id);
  };

  const described = (id: string) => {
    const { engine, catalogue } = core.opened();
    const place = engine.places.get(id);
    if (!place) throw notFound('The place');
    const held = catalogue.one<{ n: number; bytes: number | null }>(
      `SELECT count(*) AS n, sum(shard_length + 96) AS bytes FROM shards JOIN packs ON seq = pack
       WHERE place = ? AND shards.state = 'ok' AND packs.state = 'stored'`,
      id,
    );
    return describePlace(place, held?.n ?? 0, held?.bytes ?? 0);
  };

  return {
    'vault.setup': alone(setup),

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

    'vault.addPlace': alone(async (input, context) => {
      const session = await core.session();
      const { engine, catalogue, publisher } = session;
      const path = resolve(input.path);
      await checkOutsideHome(core.deps.home, [path]);
      const rows = catalogue.places();
      const vault = Buffer.from(session.vault.id).toString('hex');
      const mark = (await inspect(path)).identity;
      const known = mark?.vault === vault ? rows.find((row) => row.id === mark.place) : undefined;
      // A place whose drive is at another path now, or whose directory was moved, and not a second copy of one.
      const moved = known && !(await isMarked(known.path, vault, known.id)) ? known : undefined;
      await checkApart(
        [path],
        rows.flatMap((row) => (row === moved ? [] : [row.path])),
      );
      const identity = await examine(path);
      if (identity && identity.vault !== vault) throw ofEarlierVault(path, isEmpty(catalogue));
      const same = rows.find((row) => row.id === identity?.place);
      if (same && same === moved) return { place: await moveTo({ ...same, name: input.name ?? same.name }, path) };
      if (same) {
        throw fail('ALREADY_EXISTS', `${path} is a copy of the place "${same.name}", which is at ${same.path}.`, {
          meaning: 'Nothing was changed: the vault uses one of them, and the other would fall behind.',
          next: 'Choose an empty directory. To use this one instead, take the other one away first.',
        });
      }
      const id = identity?.place ?? randomId(core.deps.host.random);
      if (!(await claim(path, core.identityFor(id))))
        throw badPlace(path, 'it became a place of another vault just now');
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
      return { place: described(id) };
    }),

    'vault.removePlace': oneRemoval(async (input, context) => {
      const { engine, catalogue, maintenance, packs, publisher } = core.opened();
      await engine.places.refresh();
      const row = checkRemoval(core.opened(), input.place);
      catalogue.transaction(() => catalogue.putPlace({ ...row, state: 'leaving' }));
      await engine.places.refresh();
      let moved = 0;
      try {
        // Packs that chose this place before it was leaving are moved off it too, once they are stored.
        await packs.written();
        // Of a place that is away, what it held of the catalogue's copy is best written anew.
        if (!engine.places.readable(row.id)) await publisher.publishBase().catch(() => false);
        do moved += await maintenance.drainPlace(row.id, context);
        while (!(await forgetPlace(row)));
      } catch (error) {
        catalogue.transaction(() => catalogue.putPlace({ ...row, state: 'active' }));
        await engine.places.refresh();
        core.changed([row.id]);
        throw error;
      }
      core.changed([row.id]);
      context.undo('vault.addPlace', { path: row.path, name: row.name });
      return { moved };
    }),

    async 'vault.verify'(_, context) {
      if (core.state() === 'none') throw noVault(core.found());
      const { maintenance, engine } = core.opened();
      const result = await maintenance.verify(context);
      engine.health.touch();
      const session = core.state() === 'ready' ? await core.session().catch(() => null) : null;
      core.changed([]);
      return { ...result, damagedFiles: session ? describe.counts(session).damaged : damagedItems(engine) };
    },

    async 'vault.repair'(_, context) {
      if (core.state() === 'none') throw noVault(core.found());
      // While the vault opens, its catalogue may still be catching up with the places.
      const session = core.state() === 'ready' ? await core.session().catch(() => null) : null;
      const { maintenance, publisher, engine } = core.opened();
      const result = await maintenance.repair(context);
      // What a crash left while a place was away goes once all of them are here.
      if (await maintenance.tidy()) maintenance.collect((id) => session?.ingest.pinned(id) ?? false);
      const copied = await publisher.publish();
      context.step('free', 'Removing what is of no use any more');
      const swept = copied ? await maintenance.sweep() : 0;
      const freed = swept + (await sweepStrangers(engine));
      core.changed([]);
      return { ...result, ...(freed > 0 ? { freed } : {}) };
    },
  };
}
