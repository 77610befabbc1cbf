import type { ShardHeader } from '../format/shard.ts';
import type { LivePlace } from '../places/places.ts';
import type { ShardStore } from '../ports.ts';
import type { Engine } from './engine.ts';
import { findCatalogues } from './rebuild.ts';

type Seen = Pick<Engine, 'places' | 'catalogue'>;
/** The places that are looked at; of the others nothing is known then. */
type Which = (place: LivePlace) => boolean;
/** Names of catalogue copies on a place; null when it could not be asked. */
export type ListCopies = (place: LivePlace) => Promise<readonly string[] | null>;

const listCopies: ListCopies = (place) => place.store.list('c').catch(() => null);

/** In `lineage.gap`: two histories of this vault are on the places; they were, and its places are its own now. Greater than the other values. */
const forked = 2;
const apart = 3;

/** What was found out last, without a look at the places. */
export const forkKnown = ({ catalogue }: Pick<Engine, 'catalogue'>): boolean =>
  catalogue.one('SELECT 1 FROM lineage WHERE gap = ?', forked) !== null;

/**
 * Somebody else writes into the places of this vault: a copy of the data directory whose agent runs too, or ran. Seen by a copy of
 * the catalogue that has the generation of one of ours and is another, with enough shards to be read. From then on nothing on
 * the places is taken for newer than what is here by itself, and no shard is removed, until no place bears any of the other's
 * catalogue: then this vault has places of its own.
 */
export async function isForked(engine: Seen, which: Which = () => true, list = listCopies): Promise<boolean> {
  return (await lookForOther(engine, which, list)).forked;
}

/**
 * A look at the places before shards are deleted: another agent's catalogue there, of the same generation or of a later one than
 * is known here, may need them, even when nothing was written here since the copy was made.
 */
export async function mustKeep(engine: Seen): Promise<boolean> {
  const { catalogue } = engine;
  const { forked: yes, strangers } = await lookForOther(engine);
  const vault = catalogue.vault();
  if (yes || !vault) return yes;
  // After a rebuild that could not read all, what it could not read is counted in `generation`.
  const gap = catalogue.one('SELECT 1 FROM lineage WHERE gap <> 0') !== null;
  const known = gap ? vault.generation - 1 : vault.published;
  return strangers.some(({ generation }) => generation > known);
}

/** `strangers`: headers of catalogue packs on the places that are not ours and whole enough to be read. */
async function lookForOther(
  engine: Seen,
  which: Which = () => true,
  list = listCopies,
): Promise<{ forked: boolean; strangers: readonly ShardHeader[] }> {
  const { catalogue } = engine;
  const unknown = await unknownCatalogues(engine, which, list);
  if (forkKnown(engine)) {
    if (unknown !== 'none') return { forked: true, strangers: [] };
    // Of what the other wrote in the meantime, nothing is known: what looks like a leftover stays for good.
    catalogue.run('UPDATE lineage SET gap = ?', apart);
    return { forked: false, strangers: [] };
  }
  const vault = catalogue.vault();
  if (!vault || unknown !== 'some') return { forked: false, strangers: [] };
  const strangers = (await findCatalogues(engine, vault.id))
    .filter(({ header, shards }) => shards.size >= header.k && !isKnown(engine, header.packId))
    .map(({ header }) => header);
  const where = 'kind = ? AND generation = ? AND part = ?';
  const rival = strangers.some(({ kind, generation, part }) =>
    catalogue.one(`SELECT 1 FROM packs WHERE ${where}`, kind, generation, part),
  );
  if (rival) catalogue.run('UPDATE lineage SET gap = ?', forked);
  return { forked: rival, strangers };
}

/** The same of a place that is in use no more: the other may use it yet. */
export async function mustKeepAll(engine: Seen, store: ShardStore): Promise<boolean> {
  if (await mustKeep(engine)) return true;
  if (!engine.catalogue.one('SELECT 1 FROM lineage WHERE gap >= ?', forked)) return false;
  const names = await store.list('c').catch(() => null);
  return !names || names.some((name) => isUnknown(engine, name));
}

/** A look at names only, which is all there is to do as long as nobody else writes. `unsure`: not every place could be listed. */
async function unknownCatalogues(engine: Seen, which: Which, list: ListCopies): Promise<'some' | 'none' | 'unsure'> {
  const lists = await Promise.all(
    engine.places.all().map((place) => (which(place) && engine.places.readable(place.row.id) ? list(place) : null)),
  );
  if (lists.some((names) => names?.some((name) => isUnknown(engine, name)))) return 'some';
  return lists.length === 0 || lists.includes(null) ? 'unsure' : 'none';
}

function isUnknown(engine: Seen, name: string): boolean {
  const id = /^c\/([0-9a-f]{32})\.\d\d$/.exec(name)?.[1];
  return id !== undefined && !isKnown(engine, Buffer.from(id, 'hex'));
}

const isKnown = ({ catalogue }: Pick<Engine, 'catalogue'>, id: Uint8Array): boolean =>
  catalogue.one('SELECT 1 FROM packs WHERE id = ?', id) !== null;
