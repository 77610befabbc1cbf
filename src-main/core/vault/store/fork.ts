import type { Engine } from './engine.ts';
import { findCatalogues } from './rebuild.ts';

/** In `lineage.gap`: two histories of this vault are on the places. Greater than the other values, and kept for good. */
const forked = 2;

/**
 * Somebody else writes into the places of this vault: a copy of the data directory whose agent runs too, or ran. Seen by a copy of
 * the catalogue that has the generation of one of ours and is another, with enough shards to be read. From then on nothing on
 * the places is taken for newer than what is here by itself, and no shard that is not known here is removed.
 */
export async function isForked(engine: Pick<Engine, 'places' | 'catalogue'>): Promise<boolean> {
  const { catalogue } = engine;
  if (catalogue.one('SELECT 1 FROM lineage WHERE gap = ?', forked)) return true;
  const vault = catalogue.vault();
  if (!vault || !(await hasUnknown(engine))) return false;
  for (const { header, shards } of await findCatalogues(engine, vault.id)) {
    if (shards.size < header.k || isKnown(engine, header.packId)) continue;
    const { kind, generation, part } = header;
    const where = 'kind = ? AND generation = ? AND part = ?';
    if (!catalogue.one(`SELECT 1 FROM packs WHERE ${where}`, kind, generation, part)) continue;
    catalogue.run('UPDATE lineage SET gap = ?', forked);
    return true;
  }
  return false;
}

/** A look at names only, which is all there is to do as long as nobody else writes. */
async function hasUnknown(engine: Pick<Engine, 'places' | 'catalogue'>): Promise<boolean> {
  for (const place of engine.places.all()) {
    if (!engine.places.readable(place.row.id)) continue;
    for (const name of await place.store.list('c').catch(() => [])) {
      const id = /^c\/([0-9a-f]{32})\.\d\d$/.exec(name)?.[1];
      if (id && !isKnown(engine, Buffer.from(id, 'hex'))) return true;
    }
  }
  return false;
}

const isKnown = ({ catalogue }: Pick<Engine, 'catalogue'>, id: Uint8Array): boolean =>
  catalogue.one('SELECT 1 FROM packs WHERE id = ?', id) !== null;
