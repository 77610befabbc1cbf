import type { LivePlace } from '../places/places.ts';
import type { Engine } from '../store/engine.ts';
import { mustKeep } from '../store/fork.ts';

/**
 * A place that was given up and is back holds pieces that were made again elsewhere meanwhile. They go, but only those of packs that
 * have every piece where the catalogue says, read and found right there; all stay while another agent may need them.
 *
 * @returns how many were removed
 */
export async function removeLeftovers(engine: Engine, place: LivePlace, enough: () => boolean): Promise<number> {
  const { catalogue, places, deps } = engine;
  if (await mustKeep(engine)) return 0;
  let removed = 0;
  for (const directory of await place.store.list('p')) {
    if (!/^p\/\d{5,}$/.test(directory)) continue;
    for (const name of await place.store.list(directory)) {
      if (enough()) return removed;
      const [, id, idx] = /^p\/\d+\/([0-9a-f]{32})\.(\d\d)$/.exec(name) ?? [];
      const row = id && catalogue.one<{ seq: number }>('SELECT seq FROM packs WHERE id = ?', Buffer.from(id, 'hex'));
      const pack = row ? catalogue.pack(row.seq) : null;
      if (pack?.state !== 'stored' || idx === undefined) continue;
      const shards = catalogue.shards(pack.seq);
      if (shards[Number(idx)]?.place === place.row.id) continue;
      const seen = catalogue.one<{ n: number }>(
        `SELECT count(*) AS n FROM shards JOIN shard_checks AS seen ON seen.pack = shards.pack AND seen.idx = shards.idx
         AND seen.place = shards.place WHERE shards.pack = ? AND shards.state = 'ok'`,
        pack.seq,
      );
      const whole = seen?.n === pack.k + pack.m && shards.every((shard) => places.readable(shard.place));
      if (!whole) continue;
      deps.probe?.('leftover');
      await place.store.remove(name);
      removed++;
    }
  }
  if (removed > 0) await place.store.settle();
  return removed;
}
