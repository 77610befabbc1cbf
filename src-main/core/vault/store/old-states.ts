import { decodeShardHeader, headerBytes, packKinds } from '../format/shard.ts';
import type { LivePlace } from '../places/places.ts';
import type { Catalogue, PackRow } from './catalogue.ts';
import type { Engine } from './engine.ts';
import type { ListCopies } from './fork.ts';
import { noteLostShards } from './lost-shards.ts';

/*
 * A place that shows an older state than it once took: an old image of its disk was put back, or a server serves an old copy
 * (docs/formats/vault.md, "Old states"). Told by the copies of the catalogue on it, which are numbered.
 */

/** A place that was set back is told of so long after it is up to date again, so that nobody misses it. */
const toldMs = 7 * 24 * 60 * 60 * 1000;
/** Dates of generations that are kept. */
const kept = 4096;

type Seen = Pick<Engine, 'catalogue' | 'places' | 'deps'>;

/** Copies of the catalogue that these places have acknowledged. In a transaction of the caller's. */
export function noteAcknowledged(
  catalogue: Catalogue,
  generation: number,
  at: number,
  packs: readonly PackRow[],
): void {
  for (const { seq } of packs) {
    catalogue.run(
      `INSERT OR IGNORE INTO copies SELECT pack, place FROM shards WHERE pack = ? AND state = 'ok' AND place IS NOT NULL`,
      seq,
    );
  }
  catalogue.run('INSERT OR REPLACE INTO generations VALUES (?, ?)', generation, at);
  catalogue.run('DELETE FROM generations WHERE generation <= ?', generation - kept);
}

interface Copy {
  readonly place: string;
  readonly id: string;
  readonly generation: number;
}

/** What each place acknowledged, and should have yet. */
const copiesOn = (catalogue: Catalogue): Copy[] =>
  catalogue.all<Copy>(
    `SELECT copies.place, lower(hex(packs.id)) AS id, packs.generation FROM copies JOIN packs ON seq = copies.pack
     JOIN shards ON shards.pack = seq AND shards.place = copies.place WHERE packs.state = 'stored' AND packs.kind <> 0`,
  );

const idsIn = (names: readonly string[]): Set<string> =>
  new Set(names.flatMap((name) => /^c\/([0-9a-f]{32})\.\d\d$/.exec(name)?.[1] ?? []));

/** The newest generation of which anything is on a place; 0 for none. What no row knows says itself which it is. */
async function newestOn({ catalogue }: Seen, place: LivePlace, names: readonly string[]): Promise<number> {
  const vault = catalogue.vault();
  let newest = 0;
  const head = new Uint8Array(headerBytes);
  for (const name of names) {
    const [id] = idsIn([name]);
    if (id === undefined || !vault) continue;
    const row = catalogue.one<{ generation: number }>(
      'SELECT generation FROM packs WHERE id = ?',
      Buffer.from(id, 'hex'),
    );
    let generation = row?.generation;
    if (generation === undefined) {
      const header = (await place.store.read(name, 0, head).catch(() => false)) ? decodeShardHeader(head) : null;
      const ours = header && header.kind !== packKinds.data && Buffer.compare(header.vaultId, vault.id) === 0;
      generation = ours ? header.generation : 0;
    }
    newest = Math.max(newest, generation);
  }
  return newest;
}

function note(catalogue: Catalogue, place: string, now: number, shown: number, newest: number): boolean {
  const at = (generation: number): number | null =>
    catalogue.one<{ at: number }>('SELECT at FROM generations WHERE generation = ?', generation)?.at ?? null;
  const known = catalogue.one(
    'SELECT 1 FROM old_states WHERE place = ? AND shown = ? AND healed IS NULL',
    place,
    shown,
  );
  if (known) return false;
  catalogue.run(
    'INSERT OR REPLACE INTO old_states VALUES (?, ?, ?, ?, ?, ?, NULL)',
    ...[place, now, shown, at(shown), newest, at(newest)],
  );
  return true;
}

/** What a look at the places finds is asked for once, however many look at it. */
export interface LookAtCopies {
  /** As written down when the look began: what is durable on a place only after its names were listed is not missed there. */
  readonly before: readonly Copy[];
  readonly list: ListCopies;
}

export function lookAtCopies({ catalogue }: Pick<Engine, 'catalogue'>): LookAtCopies {
  const lists = new Map<string, Promise<readonly string[] | null>>();
  return {
    before: copiesOn(catalogue),
    list(place) {
      const { id } = place.row;
      const listed = lists.get(id) ?? place.store.list('c').catch(() => null);
      lists.set(id, listed);
      return listed;
    },
  };
}

/**
 * Compare what is on each place with what it acknowledged. A place is told of when the newest that it lacks is newer than the newest that
 * it has; then all that it should have is looked for too. Places that are away say nothing.
 *
 * @returns whether anything is otherwise than at the last look
 */
export async function lookForOldStates(
  engine: Seen & Pick<Engine, 'health'>,
  which: (place: LivePlace) => boolean = () => true,
  look = lookAtCopies(engine),
): Promise<boolean> {
  const { catalogue, places, deps } = engine;
  const now = deps.host.now();
  let changed = false;
  let fresh = false;
  for (const place of places.all()) {
    const { id } = place.row;
    if (!which(place) || !places.readable(id)) continue;
    const before = look.before.filter((copy) => copy.place === id);
    const names = await look.list(place);
    if (!names || before.length === 0) continue;
    const there = idsIn(names);
    const missed = before.filter((copy) => !there.has(copy.id));
    const shown = missed.length > 0 ? await newestOn(engine, place, names) : 0;
    // A drive that was pulled out just then has no names either; and what was removed meanwhile is no loss.
    if (missed.length > 0) await places.refresh();
    if (!places.readable(id)) continue;
    const still = new Set(copiesOn(catalogue).flatMap((copy) => (copy.place === id ? [copy.id] : [])));
    const newest = Math.max(0, ...missed.filter((copy) => still.has(copy.id)).map(({ generation }) => generation));
    if (shown > 0 && newest > shown) {
      const first = note(catalogue, id, now, shown, newest);
      fresh ||= first;
      changed ||= first;
    } else if (newest === 0) {
      const healed = catalogue.run('UPDATE old_states SET healed = ? WHERE place = ? AND healed IS NULL', now, id);
      changed ||= healed > 0;
    }
  }
  catalogue.run('DELETE FROM old_states WHERE healed < ? OR place NOT IN (SELECT id FROM places)', now - toldMs);
  if (fresh) {
    deps.log.warn({}, 'a place shows an old state');
    // The data that it lost with it is not counted as there any longer.
    await noteLostShards(engine);
    engine.health.load();
  }
  return changed;
}

/**
 * After a catalogue was read from the places, on an empty machine too: which of them are behind it. Where every place gets a piece of every
 * copy, one without any of the newest is; where there are more places, one that has nothing but what a newer base came after.
 */
export async function compareStates(engine: Seen, generation: number): Promise<void> {
  const { catalogue, places, deps } = engine;
  const vault = catalogue.vault();
  if (!vault || generation === 0) return;
  const base = catalogue.one<{ generation: number | null }>(
    `SELECT max(generation) AS generation FROM packs WHERE kind = ${packKinds.base} AND state = 'stored' AND generation <= ?`,
    generation,
  )?.generation;
  const everywhere = catalogue.places().length <= vault.k + vault.m;
  for (const place of places.all()) {
    if (!places.readable(place.row.id)) continue;
    const names = await place.store.list('c').catch(() => null);
    const shown = names ? await newestOn(engine, place, names) : 0;
    if (shown > 0 && shown < (everywhere ? generation : (base ?? 0)))
      note(catalogue, place.row.id, deps.host.now(), shown, generation);
  }
}

interface OldState {
  readonly name: string;
  readonly shownAt: number | null;
  readonly newestAt: number | null;
  readonly healed: number | null;
}

const day = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** What the person should know of it, of each place and, when it is so, of all together. */
export function oldStateNotices(catalogue: Catalogue): { code: string; text: string }[] {
  const states = catalogue.all<OldState>(
    `SELECT name, shown_at AS shownAt, newest_at AS newestAt, healed FROM old_states JOIN places ON id = place ORDER BY seen, id`,
  );
  const now = states.filter(({ healed }) => healed === null);
  const notices = states.map(({ name, shownAt, newestAt, healed }) => {
    const from = shownAt === null ? 'an old state' : `an old state, from ${day(shownAt)}`;
    const since = newestAt === null ? '' : `, although it had taken a newer one on ${day(newestAt)}`;
    const showed = healed === null ? 'shows' : 'showed';
    const next =
      healed === null
        ? 'An old copy of it was put back, or it was away while newer was stored. Nothing was taken over from it; repair brings it up to date.'
        : 'It is up to date again.';
    return { code: 'PLACE_OLD_STATE', text: `The place "${name}" ${showed} ${from}${since}. ${next}` };
  });
  if (now.length === 0 || now.length < catalogue.places().length) return notices;
  const text =
    'All places of this vault show an old state. What this computer knows of newer files is kept, but their pieces are on no place any more: repair says which files that are. If you have put old copies of the places back, put the newer ones in their stead.';
  return [{ code: 'VAULT_OLD_STATE', text }, ...notices];
}
