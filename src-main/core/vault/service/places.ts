import { resolve } from 'node:path';
import type { Handlers } from '#core/broker/handlers.ts';
import { randomId } from '#core/crypto/ids.ts';
import { ownerOf, type PlaceAddress, type vaultContract, whereWords } from '#shared/contract/vault.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Core } from '../core.ts';
import { notFound, noVault } from '../failures.ts';
import type { VaultKeys } from '../format/keys.ts';
import { sealSecret } from '../format/place-secret.ts';
import { claimAt } from '../places/contents.ts';
import { inspect } from '../places/directory/inspect.ts';
import { deviceOf } from '../places/failure-domain.ts';
import type { Spot } from '../places/open-backend.ts';
import { peek } from '../places/peek.ts';
import { describePlace, type Held } from '../places/places.ts';
import type { PlaceRow } from '../store/catalogue.ts';
import { clearPlace } from '../store/clear-place.ts';
import type { Engine } from '../store/engine.ts';
import { sweepStrangers } from '../store/strangers.ts';
import { changedSpot, isStillAt, marksBefore, undoneBy } from './change-place.ts';
import type { Describer } from './describe.ts';
import { examine } from './examine.ts';
import { marksOf, openingOf, sameSpot, secretOf, serverName, wholeAddressOf } from './new-place.ts';
import {
  badPlace,
  checkFree,
  checkOutsideHome,
  checkRemoval,
  isEmpty,
  ofEarlierVault,
  placeName,
} from './place-checks.ts';
import { type Setup, setupHandler } from './setup.ts';
import { testPlace } from './test-place.ts';

type Vault = Handlers<typeof vaultContract>;
type Part = { readonly 'vault.setup': Setup } & Pick<
  Vault,
  | 'vault.places'
  | 'vault.addPlace'
  | 'vault.testPlace'
  | 'vault.changePlace'
  | 'vault.removePlace'
  | 'vault.verify'
  | 'vault.repair'
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

interface HeldRow {
  readonly n: number;
  readonly bytes: number | null;
  readonly verified: number | null;
  readonly never: number;
}
// Of a shard that moved since, the look at where it lay before says nothing.
const seenAt = 'coalesce(CASE WHEN seen.place = shards.place THEN seen.at END, verified)';
const heldRows = `SELECT shards.place AS place, count(*) AS n, sum(shard_length + 96) AS bytes, min(${seenAt}) AS verified,
  count(*) - count(${seenAt}) AS never FROM shards JOIN packs ON seq = shards.pack
  LEFT JOIN shard_checks AS seen ON seen.pack = shards.pack AND seen.idx = shards.idx
  WHERE shards.state = 'ok' AND packs.state = 'stored'`;
const heldOf = (row: HeldRow | null): Held => ({
  shards: row?.n ?? 0,
  used: row?.bytes ?? 0,
  verifiedAt: row && row.never === 0 ? row.verified : null,
});

const noSuchPlace = () => fail('NOT_FOUND', 'There is no such place.', { next: 'Look at the list of places.' });

export function placeHandlers(core: Core, describe: Describer, status: Vault['vault.status']): Part {
  const setup = setupHandler(core, status);

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
    const left = engine.places.detach(row.id);
    try {
      await engine.places.refresh();
      engine.health.load();
      await core.rememberPlaces();
      // While the copy of the catalogue on the places still looks for shards here, they stay.
      const told = await publisher.publish();
      // Only what bears the mark of this very place is cleared.
      const vaultId = Buffer.from(vault.id).toString('hex');
      if (!told || !left || !(await left.backend.isMarked(vaultId, row.id))) return true;
      if (await clearPlace(engine, left.store)) await left.backend.unclaim(vaultId, row.id).catch(() => {});
      else
        core.deps.log.warn({ place: row.id }, 'some shards on a place that was removed may be needed yet; they stay');
    } finally {
      await left?.backend.close().catch(() => {});
    }
    return true;
  });

  /** A known place is at another address now. */
  const moveTo = async (row: PlaceRow, spot: Spot, keys: VaultKeys) => {
    const { engine, catalogue, publisher } = core.opened();
    const device = await deviceAt(spot.address);
    const sealed = sealSecret(keys, core.deps.host.random, row.id, spot.secret);
    catalogue.transaction(() => catalogue.putPlace({ ...row, address: spot.address, sealed, ...device }));
    await lookAgain(keys);
    engine.health.load();
    await core.rememberPlaces();
    await publisher.publish();
    core.changed([row.id]);
    return described(row.id);
  };

  const deviceAt = async (address: PlaceAddress) => {
    const seen = address.kind === 'directory' ? (await inspect(address.path)).device : '';
    return deviceOf(address, seen, (await inspect(core.deps.home)).device);
  };

  const lookAgain = async (keys: VaultKeys): Promise<void> => {
    const { engine } = core.opened();
    engine.places.learn(keys);
    await engine.places.refresh();
  };

  const heldOn = (id: string): Held => {
    const held = core.opened().catalogue.one<HeldRow>(`${heldRows} AND shards.place = ?`, id);
    return heldOf(held);
  };

  const described = (id: string) => {
    const place = core.opened().engine.places.get(id);
    if (!place) throw notFound('The place');
    return describePlace(place, heldOn(id));
  };

  return {
    'vault.setup': alone(setup),

    async 'vault.places'() {
      if (core.state() === 'none') return { places: [] };
      const { engine, catalogue } = core.opened();
      await engine.places.refreshAsked();
      const rows = catalogue.all<HeldRow & { place: string }>(`${heldRows} GROUP BY shards.place`);
      return {
        places: engine.places.all().map((place) => {
          const row = rows.find((r) => r.place === place.row.id);
          return describePlace(place, heldOf(row ?? null));
        }),
      };
    },

    'vault.addPlace': alone(async (input, context) => {
      const session = await core.session();
      const { catalogue, publisher, keys } = session;
      const given = await wholeAddressOf(core.deps, input);
      const address = given.kind === 'directory' ? ({ kind: 'directory', path: resolve(given.path) } as const) : given;
      const spot: Spot = { address, secret: openingOf(() => core.root(), address, input) };
      const path = whereWords(address);
      if (address.kind === 'directory') await checkOutsideHome(core.deps.home, [path]);
      const rows = catalogue.places();
      const vault = Buffer.from(session.vault.id).toString('hex');
      const mark = (await peek(core.deps, spot)).identity;
      const known = mark?.vault === vault ? rows.find((row) => row.id === mark.place) : undefined;
      // A place whose drive is at another path now, or whose server has another address, and not a second copy of one.
      const moved = known && !(await isStillAt(session, known)) ? known : undefined;
      await checkFree(
        address,
        rows.filter((row) => row !== moved),
      );
      const { identity } = await examine(core, spot);
      if (identity && identity.vault !== vault) throw ofEarlierVault(path, isEmpty(catalogue));
      const same = rows.find((row) => row.id === identity?.place);
      if (same && same === moved)
        return { place: await moveTo({ ...same, name: input.name ?? same.name }, spot, keys) };
      if (same) {
        throw fail('ALREADY_EXISTS', `${path} is a copy of the place "${same.name}", which is at ${same.path}.`, {
          meaning: 'Nothing was changed: the vault uses one of them, and the other would fall behind.',
          next: 'Choose an empty directory. To use this one instead, take the other one away first.',
        });
      }
      const id = identity?.place ?? randomId(core.deps.host.random);
      if (!(await claimAt(core.deps, spot, core.identityFor(id))))
        throw badPlace(path, 'it became a place of another vault just now');
      const device = await deviceAt(address);
      const usual = address.kind === 'directory' ? placeName(core.deps.home, path) : serverName(address);
      const marks = { owner: ownerOf(address), site: '', limit: null, weight: 1, ...marksOf(input) };
      const added = core.deps.host.now();
      const sealed = sealSecret(keys, core.deps.host.random, id, spot.secret);
      catalogue.transaction(() => {
        const name = input.name ?? usual;
        catalogue.putPlace({ id, name, address, sealed, ...marks, ...device, state: 'active', added, checked: null });
      });
      await lookAgain(keys);
      await core.rememberPlaces();
      await publisher.publish();
      core.changed([id]);
      context.undo('vault.removePlace', { place: id });
      return { place: described(id) };
    }),

    async 'vault.testPlace'(input) {
      return testPlace(core, input);
    },

    'vault.changePlace': alone(async (input, context) => {
      const { catalogue, engine, publisher, keys, vault } = await core.session();
      const row = catalogue.places().find((one) => one.id === input.place);
      if (!row) throw noSuchPlace();
      const { address, secret } = await changedSpot(core, row, keys, input);
      const where = !sameSpot(address, row.address);
      const opens = Object.values(secretOf(input)).some((value) => value !== undefined);
      if (where || opens) {
        if (address.kind === 'directory') await checkOutsideHome(core.deps.home, [address.path]);
        await checkFree(
          address,
          catalogue.places().filter((one) => one.id !== row.id),
        );
        const { identity } = await examine(core, { address, secret });
        if (identity?.place !== row.id || identity.vault !== Buffer.from(vault.id).toString('hex')) {
          throw badPlace(
            whereWords(address),
            `the place “${row.name}” is not there`,
            'Type the address where it is now. To use another one, add that as a new place.',
          );
        }
      }
      const marks = { owner: row.owner, site: row.site, limit: row.limit, weight: row.weight, ...marksOf(input) };
      const sealed = opens ? sealSecret(keys, core.deps.host.random, row.id, secret) : row.sealed;
      const device = where ? await deviceAt(address) : { device: row.device, deviceName: row.deviceName };
      const name = input.name ?? row.name;
      catalogue.transaction(() => catalogue.putPlace({ ...row, name, address, sealed, ...marks, ...device }));
      await lookAgain(keys);
      engine.health.touch();
      await core.rememberPlaces();
      await publisher.publish();
      core.changed([row.id]);
      // The former password or address is not kept anywhere.
      if (!where && !opens) context.undo('vault.changePlace', { place: row.id, ...marksBefore(row, input) });
      return { place: described(row.id) };
    }),

    'vault.removePlace': oneRemoval((input, context) =>
      core.whileWorking(async () => {
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
        // What opens a server is not written down for an undoing.
        if (row.sealed === null) context.undo('vault.addPlace', undoneBy(row));
        return { moved };
      }),
    ),

    async 'vault.verify'(_, context) {
      if (core.state() === 'none') throw noVault(core.found());
      const { maintenance, engine } = core.opened();
      const result = await core.whileWorking(() => maintenance.verify(context));
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
      const result = await core.whileWorking(() => maintenance.repair(context));
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
