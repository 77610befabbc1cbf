import { decodeShardHeader, headerBytes, packKinds } from '../format/shard.ts';
import type { LivePlace } from '../places/places.ts';
import type { Engine } from './engine.ts';
import { mustKeep } from './fork.ts';
import { findCatalogues } from './rebuild.ts';

/** How long this catalogue must have seen a shard that it knows nothing of before it is removed. */
const waitMs = 30 * 24 * 60 * 60 * 1000;

interface Stranger {
  readonly place: LivePlace;
  readonly name: string;
  readonly id: string;
}

/**
 * Removes shards on the places that no row of the catalogue knows. Of packs that were dropped (`gone`) at once: they never come back,
 * whatever else is known. Of others only when nothing says that a newer catalogue may need them: every place is here and was
 * listed in full, no catalogue newer than the one this one was made from lies unread on them, and for thirty days
 * they were seen, and not known. Pieces of other vaults are left alone, and all while another agent writes to the places.
 *
 * @returns bytes freed
 */
export async function sweepStrangers(engine: Engine): Promise<number> {
  const { catalogue, places, deps } = engine;
  await places.refresh();
  if (await mustKeep(engine)) return 0;
  const { found, complete } = await list(engine);
  const gone = (id: string): boolean => catalogue.one("SELECT 1 FROM gone WHERE kind = 'pack' AND id = ?", id) !== null;
  const unknown = found.filter(({ id }) => !isKnown(engine, id));
  const dropped = unknown.filter(({ id }) => gone(id));
  const others = unknown.filter(({ id }) => !gone(id));
  const mayGo = complete && (await isCurrent(engine)) ? await waited(engine, others) : [];
  let freed = 0;
  const touched = new Set<LivePlace>();
  for (const { place, name, id } of [...dropped, ...mayGo]) {
    // A place that went, or a pack that came to be known, since the look.
    if (isKnown(engine, id) || !places.readable(place.row.id)) continue;
    deps.probe?.('stranger');
    try {
      const size = (await place.store.size(name)) ?? 0;
      await place.store.remove(name);
      freed += size;
      touched.add(place);
    } catch (error) {
      deps.log.warn({ place: place.row.id, error: String(error) }, 'a shard of no use could not be removed');
    }
  }
  for (const place of touched) await place.store.settle().catch(() => {});
  return freed;
}

const isKnown = ({ catalogue }: Engine, id: string): boolean =>
  catalogue.one('SELECT 1 FROM packs WHERE id = ?', Buffer.from(id, 'hex')) !== null;

/** Every shard on every place that can be read; `complete` when that was all of them. */
async function list({ places }: Engine): Promise<{ found: Stranger[]; complete: boolean }> {
  const found: Stranger[] = [];
  let complete = true;
  for (const place of places.all()) {
    if (!places.readable(place.row.id)) {
      complete = false;
      continue;
    }
    try {
      const directories = (await place.store.list('p')).filter((name) => /^p\/\d{5,}$/.test(name));
      for (const directory of [...directories, 'c']) {
        for (const name of await place.store.list(directory)) {
          const id = /^(?:p\/\d+|c)\/([0-9a-f]{32})\.\d\d(?:\.part)?$/.exec(name)?.[1];
          if (id) found.push({ place, name, id });
        }
      }
    } catch {
      complete = false;
    }
  }
  return { found, complete };
}

/** Nothing on the places, which are all here, is newer than what this catalogue was made from and not known to it. */
async function isCurrent(engine: Engine): Promise<boolean> {
  const { catalogue } = engine;
  const vault = catalogue.vault();
  const lineage = catalogue.one<{ gap: number; since: number }>('SELECT gap, since FROM lineage');
  if (!vault || vault.restored || vault.published === 0 || !lineage || lineage.gap !== 0) return false;
  if (catalogue.packs('writing').length > 0) return false;
  const catalogues = await findCatalogues(engine, vault.id);
  return catalogues.every(({ header }) => {
    const known = isKnown(engine, Buffer.from(header.packId).toString('hex'));
    return known ? header.generation <= vault.published : header.generation <= lineage.since;
  });
}

/**
 * Those of `strangers` that are of this vault and were first seen long enough ago. The others are written down now. Of copies of the
 * catalogue only those that the one this was made from came after: a kill left them, or a place that was away.
 */
async function waited({ catalogue, deps }: Engine, strangers: readonly Stranger[]): Promise<Stranger[]> {
  const vault = catalogue.vault();
  const own: Stranger[] = [];
  const head = new Uint8Array(headerBytes);
  const { since } = catalogue.one<{ since: number }>('SELECT since FROM lineage') ?? { since: 0 };
  for (const stranger of strangers) {
    const { place, name, id } = stranger;
    if (name.endsWith('.part') || !(await place.store.read(name, 0, head).catch(() => false))) continue;
    const header = decodeShardHeader(head);
    if (header?.kind !== packKinds.data && (header?.generation ?? 0) > since) continue;
    if (!header || !vault || Buffer.compare(header.vaultId, vault.id) !== 0) continue;
    if (Buffer.from(header.packId).toString('hex') === id) own.push(stranger);
  }
  const now = deps.host.now();
  const ids = new Set(own.map(({ id }) => id));
  const seen = new Map(
    catalogue.all<{ id: string; seen: number }>('SELECT id, seen FROM strangers').map((r) => [r.id, r.seen]),
  );
  catalogue.transaction(() => {
    for (const id of seen.keys()) if (!ids.has(id)) catalogue.run('DELETE FROM strangers WHERE id = ?', id);
    for (const id of ids) {
      // A clock that was ahead then must not shorten the wait, nor one that was far ahead make it endless.
      if ((seen.get(id) ?? Number.POSITIVE_INFINITY) > now) {
        catalogue.run('INSERT OR REPLACE INTO strangers VALUES (?, ?)', id, now);
      }
    }
  });
  return own.filter(({ id }) => now - (seen.get(id) ?? now) >= waitMs);
}
