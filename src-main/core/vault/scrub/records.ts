import type { Catalogue, PackRow } from '../store/catalogue.ts';
import { defaultSettings, type UpkeepSettings, upkeepSettingsSchema } from './settings.ts';

/** How far the upkeep of one place is; see schema.ts. Times and spans in ms. */
export interface PlaceRecord {
  readonly place: string;
  readonly started: number;
  readonly finished: number | null;
  readonly total: number;
  readonly done: number;
  readonly cursor: number;
  readonly fresh: number;
  readonly hurry: number;
  readonly away: number;
  readonly back: number;
  readonly planned: number | null;
  readonly asked: number;
  readonly failed: number;
  readonly audited: number | null;
  readonly found: number | null;
  readonly faults: number;
}

/**
 * Faults from which on a place is doubted: it takes nothing while there is another. A lie (what it took is not there) is as many at once;
 * a lost piece is one.
 */
export const doubtedFrom = 10;

/** Since the vault was made. */
export interface Counts {
  readonly checked: number;
  readonly rotten: number;
  readonly missing: number;
  readonly remade: number;
  readonly moved: number;
  readonly asked: number;
  /** When the names on the places were last compared. */
  readonly listed: number;
}
const noCounts: Counts = { checked: 0, rotten: 0, missing: 0, remade: 0, moved: 0, asked: 0, listed: 0 };

export type EventKind = 'found' | 'remade' | 'departed' | 'returned' | 'lied' | 'spread';
export interface UpkeepEvent {
  readonly at: number;
  readonly kind: EventKind;
  readonly place: string;
  readonly count: number;
}
const keptEvents = 100;

/** Where the moving of pieces to new places is: those it knew of, and the last pack it looked at. */
export interface Spreading {
  readonly places: readonly string[];
  readonly cursor: number;
  readonly active: boolean;
}

/** A shard that a place should have, with what it takes to read it. */
export type ShardAt = PackRow & { readonly idx: number };

export type Records = ReturnType<typeof createRecords>;

/** The rows that the upkeep keeps: all it knows survives a crash and a restart. */
export function createRecords(catalogue: Catalogue) {
  const upkeep = <T>(column: 'settings' | 'counts' | 'spreading'): Partial<T> =>
    JSON.parse(catalogue.one<{ json: string }>(`SELECT ${column} AS json FROM upkeep`)?.json ?? '{}') as Partial<T>;

  return {
    settings(): UpkeepSettings {
      return upkeepSettingsSchema.safeParse(upkeep('settings')).data ?? defaultSettings;
    },
    setSettings: (settings: UpkeepSettings) =>
      void catalogue.run('UPDATE upkeep SET settings = ?', JSON.stringify(settings)),
    counts: (): Counts => ({ ...noCounts, ...upkeep<Counts>('counts') }),
    count(more: Partial<Counts>): void {
      const before = this.counts();
      const sum = (key: keyof Counts): number =>
        key === 'listed' ? (more.listed ?? before.listed) : before[key] + (more[key] ?? 0);
      const keys = Object.keys(noCounts) as (keyof Counts)[];
      const after = Object.fromEntries(keys.map((key) => [key, sum(key)]));
      catalogue.run('UPDATE upkeep SET counts = ?', JSON.stringify(after));
    },
    spreading(): Spreading | null {
      const { places, cursor = 0, active = false } = upkeep<Spreading>('spreading');
      return places ? { places, cursor, active } : null;
    },
    setSpreading: (next: Spreading) => void catalogue.run('UPDATE upkeep SET spreading = ?', JSON.stringify(next)),

    places: (): PlaceRecord[] => catalogue.all('SELECT * FROM upkeep_places'),
    /** Its record, begun now if there is none: what is stored later counts as fresh. */
    place(id: string, now: number): PlaceRecord {
      const known = catalogue.one<PlaceRecord>('SELECT * FROM upkeep_places WHERE place = ?', id);
      if (known) return known;
      const newest = catalogue.one<{ seq: number | null }>('SELECT max(seq) AS seq FROM packs')?.seq ?? 0;
      catalogue.run(
        'INSERT INTO upkeep_places (place, started, total, fresh) VALUES (?, ?, ?, ?)',
        id,
        now,
        this.bytesOn(id),
        newest,
      );
      return this.place(id, now);
    },
    set(id: string, changes: Partial<Omit<PlaceRecord, 'place'>>): void {
      for (const [column, value] of Object.entries(changes))
        catalogue.run(`UPDATE upkeep_places SET ${column} = ? WHERE place = ?`, value ?? null, id);
    },
    /** Of places that are in use no more. */
    forgetOthers(ids: ReadonlySet<string>): void {
      for (const { place } of this.places())
        if (!ids.has(place)) catalogue.run('DELETE FROM upkeep_places WHERE place = ?', place);
    },
    bytesOn: (id: string): number =>
      catalogue.one<{ bytes: number | null }>(
        `SELECT sum(shard_length + 96) AS bytes FROM shards JOIN packs ON seq = pack
         WHERE place = ? AND shards.state = 'ok' AND packs.state = 'stored'`,
        id,
      )?.bytes ?? 0,
    /** The next shards on a place after a pack, in their order, that were not read and found right since `since`. */
    shardsAfter: (id: string, seq: number, limit: number): (ShardAt & { seen: number | null })[] =>
      catalogue.all(
        `SELECT seq, id, kind, packs.state AS state, dir, k, m, epoch, payload, shard_length AS shardLength, part, parts, generation,
           previous, created, verified, shards.idx AS idx, CASE WHEN seen.place = shards.place THEN seen.at END AS seen
         FROM shards JOIN packs ON seq = shards.pack
         LEFT JOIN shard_checks AS seen ON seen.pack = shards.pack AND seen.idx = shards.idx
         WHERE shards.place = ? AND shards.pack > ? AND shards.state = 'ok' AND packs.state = 'stored'
         ORDER BY shards.pack, shards.idx LIMIT ?`,
        id,
        seq,
        limit,
      ),

    event(kind: EventKind, place: string, count: number, at: number): void {
      const last = catalogue.one<{ number: number; at: number; kind: string; place: string }>(
        'SELECT number, at, kind, place FROM upkeep_events ORDER BY number DESC LIMIT 1',
      );
      // What goes on for a while is one entry.
      const same = last && last.kind === kind && last.place === place && Math.abs(at - last.at) < 60 * 60_000;
      if (same) {
        catalogue.run('UPDATE upkeep_events SET count = count + ? WHERE number = ?', count, last.number);
        return;
      }
      catalogue.run('INSERT INTO upkeep_events (at, kind, place, count) VALUES (?, ?, ?, ?)', at, kind, place, count);
      catalogue.run(
        'DELETE FROM upkeep_events WHERE number <= (SELECT max(number) FROM upkeep_events) - ?',
        keptEvents,
      );
    },
    events: (limit: number): UpkeepEvent[] =>
      catalogue.all('SELECT at, kind, place, count FROM upkeep_events ORDER BY number DESC LIMIT ?', limit),
  };
}
