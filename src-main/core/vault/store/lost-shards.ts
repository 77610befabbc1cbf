import type { LivePlace } from '../places/places.ts';
import type { PackRow } from './catalogue.ts';
import { type Engine, shardName } from './engine.ts';

type Held = Pick<PackRow, 'seq' | 'id' | 'dir'> & { readonly idx: number };

/**
 * Compare what the catalogue believes to be on each place with the names that are there, and note as missing what is not. Names only:
 * whether the bytes are right is for verify to say. A place that cannot be listed is left as it is.
 *
 * @returns how many shards were found to be missing
 */
export async function noteLostShards(
  engine: Pick<Engine, 'catalogue' | 'places'>,
  which: (place: LivePlace) => boolean = () => true,
): Promise<number> {
  const { catalogue, places } = engine;
  const lost: { place: string; held: Held }[] = [];
  for (const place of places.all()) {
    const { id } = place.row;
    if (!places.readable(id) || !which(place)) continue;
    // Read before the names are: what is stored meanwhile is not in it, and what is in it was durable.
    const believed = catalogue.all<Held>(
      `SELECT seq, id, dir, idx FROM shards JOIN packs ON seq = pack
       WHERE place = ? AND shards.state = 'ok' AND packs.state = 'stored'`,
      id,
    );
    const names = new Map<string, ReadonlySet<string> | null>();
    for (const held of believed) {
      if (!names.has(held.dir)) {
        const list = await place.store.list(held.dir).catch(() => null);
        names.set(held.dir, list && new Set(list));
      }
      if (names.get(held.dir)?.has(shardName(held, held.idx)) === false) lost.push({ place: id, held });
    }
  }
  if (lost.length === 0) return 0;
  // A drive that was pulled out just then has no names either, and has lost nothing.
  await places.refresh();
  let noted = 0;
  catalogue.transaction(() => {
    for (const { place, held } of lost) {
      if (!places.readable(place) || catalogue.pack(held.seq)?.state !== 'stored') continue;
      const where = `pack = ? AND idx = ? AND place = ? AND state = 'ok'`;
      const set = `UPDATE shards SET state = 'missing' WHERE ${where}`;
      if (catalogue.run(set, held.seq, held.idx, place) === 0) continue;
      catalogue.packTouched(held.seq);
      noted++;
    }
  });
  return noted;
}
