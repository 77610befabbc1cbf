import type { Handlers } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { PlaceId } from '#shared/model/ids.ts';
import type { Core, Session } from '../core.ts';
import type { FoundVault } from '../failures.ts';
import { offlineCacheKey } from '../format/keys.ts';
import { createOrders, type Orders } from '../orders.ts';
import type { Search } from '../search/search.ts';
import { type Describer, folderOf, nodeOf, pathOf } from './describe.ts';
import { listable } from './listable.ts';
import { manifestOf } from './read.ts';
import { indexStatus } from './search.ts';

type Vault = Handlers<typeof vaultContract>;
type Part = Pick<Vault, 'vault.status' | 'vault.list' | 'vault.get' | 'vault.cacheKey'>;

/** A look at the places is a few stats; within this time what was seen last is true enough. */
const freshLookMs = 5_000;
/** How long who asks how the vault is waits for the places. */
const patienceMs = 2_000;

export function browseHandlers(core: Core, describe: Describer, search: Pick<Search, 'status'>): Part {
  const orders = new WeakMap<Session, Orders>();
  const ordersOf = (session: Session): Orders => {
    const known = orders.get(session) ?? createOrders(session.tree);
    orders.set(session, known);
    return known;
  };

  return {
    async 'vault.status'() {
      core.tryAgain();
      const session = await core.session().catch(() => null);
      if (core.state() === 'none') return emptyStatus(core.found());
      const { catalogue, engine, vault } = core.opened();
      // A place that has gone shows in the first answer, not in the second; one that does not answer holds this one up shortly.
      await core.lookAtPlaces(freshLookMs, patienceMs);
      const summary = engine.health.summary();
      const tree = session?.tree.counts();
      const risk = session ? describe.counts(session) : null;
      const places = engine.places.all();
      const stored = catalogue.one<{ bytes: number | null }>(
        `SELECT sum((SELECT count(*) FROM shards WHERE pack = seq AND shards.state = 'ok') * (shard_length + 96)) AS bytes
         FROM packs WHERE state = 'stored'`,
      );
      const checked = catalogue.one<{ at: number | null; never: number }>(
        `SELECT min(verified) AS at, count(*) - count(verified) AS never FROM packs WHERE state = 'stored' AND kind = 0`,
      );
      return {
        state: session ? 'ready' : 'locked',
        profile: { k: vault.k, m: vault.m },
        files: tree?.files ?? null,
        folders: tree?.folders ?? null,
        size: tree?.size ?? null,
        stored: stored?.bytes ?? 0,
        places: places.length,
        healthyPlaces: places.filter((p) => p.health === 'ok').length,
        devices: summary.devices,
        survivesDevices: summary.survivesDevices,
        survivesPlaces: summary.survivesPlaces,
        domains: [...summary.domains],
        safety: summary.safety,
        atRisk: risk?.atRisk ?? 0,
        damaged: risk?.damaged ?? 0,
        missingShards: summary.missingShards,
        verifiedAt: checked && checked.never === 0 ? checked.at : null,
        binned: tree?.binned ?? 0,
        ...(session ? { search: indexStatus(search) } : {}),
        ...core.forkNotice(),
      };
    },

    async 'vault.list'(input) {
      const session = await listable(core);
      if (!session) return { path: [], items: [], total: 0 };
      const { tree } = session;
      const inBin = input.folder === 'bin';
      const folder = inBin ? null : folderOf(session, input.folder);
      const nodes = ordersOf(session).of(inBin ? 'bin' : folder, input.sort, input.descending);
      const here = folder === null ? null : tree.get(folder);
      return {
        path: here ? tree.path(here).map(({ id, name }) => ({ id, name })) : [],
        items: nodes.slice(input.offset, input.offset + input.limit).map((node) => describe.item(session, node)),
        total: nodes.length,
      };
    },

    async 'vault.get'(input) {
      const session = await core.session();
      const node = nodeOf(session, input.item);
      const { catalogue, engine } = session;
      const chunks = node.kind === 'file' ? manifestOf(session, node.id) : [];
      const perPlace = new Map<string, { healthy: number; missing: number }>();
      for (const place of engine.places.all()) perPlace.set(place.row.id, { healthy: 0, missing: 0 });
      let stored = 0;
      for (const { id } of chunks) {
        const chunk = catalogue.chunk(id);
        const pack = chunk && catalogue.pack(chunk.pack);
        if (chunk && pack) stored += Math.ceil((chunk.sealed * (pack.k + pack.m)) / pack.k);
      }
      for (const { pack } of catalogue.all<{ pack: number }>('SELECT pack FROM item_packs WHERE item = ?', node.id)) {
        for (const shard of catalogue.shards(pack)) {
          const count = shard.place === null ? undefined : perPlace.get(shard.place);
          if (!count) continue;
          if (shard.state === 'ok' && engine.places.readable(shard.place)) count.healthy++;
          else count.missing++;
        }
      }
      return {
        ...describe.item(session, node),
        path: pathOf(session, node),
        chunks: chunks.length,
        stored,
        shards: [...perPlace].map(([place, count]) => ({ place: place as PlaceId, ...count })),
      };
    },

    async 'vault.cacheKey'() {
      return { key: offlineCacheKey(core.root()) };
    },
  };
}

const emptyStatus = (found: FoundVault | null) => ({
  state: 'none' as const,
  ...(found ? { found: { ...found, missing: found.missing && [...found.missing] } } : {}),
  profile: { k: 4, m: 2 },
  files: 0,
  folders: 0,
  size: 0,
  stored: 0,
  places: 0,
  healthyPlaces: 0,
  devices: 0,
  survivesDevices: 0,
  survivesPlaces: 0,
  domains: [],
  safety: 'only-here' as const,
  atRisk: 0,
  damaged: 0,
  missingShards: 0,
  verifiedAt: null,
  binned: 0,
});
