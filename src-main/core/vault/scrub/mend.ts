import type { Opened } from '../core.ts';
import { candidateOf, isFull, type LivePlace } from '../places/places.ts';
import { choosePlaces } from '../places/safety.ts';
import type { ShardRow } from '../store/catalogue.ts';
import { backOffMs, longestBackOff } from './pace.ts';
import { doubtedFrom, type Records } from './records.ts';
import type { Walker } from './walk.ts';

/** Packs written down for repair at a time, of a place that has gone. */
const page = 500;
/** Reading all of a pack that could not be mended is tried again each so many tries only. */
const readAgainEvery = 8;

export interface Repairs {
  /** Write down what is to be mended: pieces known to be lost, and those on places that have gone, or soon will be. */
  collect(gone: ReadonlySet<string>): void;
  /** Mend what is due, until `enough`. @returns pieces made again */
  run(gone: ReadonlySet<string>, enough: () => boolean): Promise<number>;
  /** Something changed for the better: everything is tried again now. */
  hasten(): void;
  /** Packs that wait, and those of them that were tried in vain. */
  waiting(): { packs: number; stuck: number };
}

/**
 * The repair queue. What is lost is known by the shards' own rows; the queue remembers since when, and when it is tried again. So
 * nothing is forgotten by a crash, and what was mended in another way leaves it by itself.
 */
export function createRepairs(opened: Opened, records: Records, walker: Pick<Walker, 'restart'>): Repairs {
  const { catalogue, engine, maintenance } = opened;
  const { deps, places } = engine;

  const trusted = ({ row }: LivePlace): boolean => records.place(row.id, deps.host.now()).faults < doubtedFrom;

  const lied = (id: string): void => {
    const now = deps.host.now();
    catalogue.transaction(() => {
      const record = records.place(id, now);
      // From its beginning: of what was found right there nothing is sure.
      walker.restart(record, now, true);
      records.set(id, { faults: record.faults + doubtedFrom });
      records.event('lied', id, 1, now);
    });
  };

  const later = (pack: number, tries: number): void =>
    void catalogue.run(
      'UPDATE repairs SET tries = ?, due = ? WHERE pack = ?',
      tries,
      deps.host.now() + backOffMs(tries),
      pack,
    );

  /** @returns pieces made again */
  const mend = async (seq: number, tries: number, gone: ReadonlySet<string>): Promise<number> => {
    const pack = catalogue.pack(seq);
    const bad = (shard: ShardRow): boolean =>
      shard.state !== 'ok' || places.get(shard.place) === null || gone.has(shard.place ?? '');
    const lost = (shards: readonly ShardRow[]): number[] => shards.filter(bad).map(({ idx }) => idx);
    const shards = catalogue.shards(seq);
    if (pack?.state !== 'stored' || lost(shards).length === 0) {
      catalogue.run('DELETE FROM repairs WHERE pack = ?', seq);
      return 0;
    }
    const good = shards.filter((shard) => !bad(shard));
    const suitable = places.writable().filter(({ id }) => !good.some(({ place }) => place === id));
    // A place that is about to go still helps.
    const sources = shards.filter(({ state, place }) => state === 'ok' && places.readable(place)).length;
    // Without a place to put them, or enough to make them from, reading the rest would be in vain.
    if (suitable.length === 0 || (sources < pack.k && tries % readAgainEvery !== 0)) {
      later(seq, tries + 1);
      return 0;
    }
    const result = await maintenance.rebuildShards(
      pack,
      lost,
      (shard, taken) => {
        const free = places.writable().filter(({ id }) => !taken.some(({ row }) => row.id === id));
        const own = free.find(({ id }) => id === shard.place);
        if (own && trusted(own.place)) return own.place;
        const held = taken.map(candidateOf);
        const best = choosePlaces(
          free.filter(({ place }) => trusted(place)),
          1,
          held,
        )[0];
        return (best ?? own ?? choosePlaces(free, 1, held)[0])?.place ?? null;
      },
      { lied },
    );
    if (result.rebuilt > 0) {
      catalogue.transaction(() => {
        records.count({ remade: result.rebuilt });
        records.event('remade', '', result.rebuilt, deps.host.now());
      });
    }
    if (lost(catalogue.shards(seq)).length === 0) catalogue.run('DELETE FROM repairs WHERE pack = ?', seq);
    else later(seq, tries + 1);
    deps.probe?.('mended');
    return result.rebuilt;
  };

  return {
    collect(gone) {
      const now = deps.host.now();
      const where = 'AND NOT EXISTS (SELECT 1 FROM repairs WHERE repairs.pack = shards.pack)';
      // CROSS JOIN keeps SQLite at the few shards, where it would go through all packs.
      const stored = `shards CROSS JOIN packs ON seq = pack WHERE packs.state = 'stored'`;
      const add = (condition: string, ...values: string[]): number =>
        catalogue.run(
          `INSERT OR IGNORE INTO repairs SELECT DISTINCT pack, ${now}, 0, 0 FROM ${stored} AND ${condition} ${where} LIMIT ${page}`,
          ...values,
        );
      add(`shards.state <> 'ok'`);
      for (const id of gone) add('shards.place = ?', id);
      deps.probe?.('repairs-collected');
    },
    async run(gone, enough) {
      let rebuilt = 0;
      const now = deps.host.now();
      const due = catalogue.all<{ pack: number; tries: number }>(
        // A clock that was set back must not keep a repair away.
        'SELECT pack, tries FROM repairs WHERE due <= ? OR due > ? ORDER BY tries, pack LIMIT ?',
        now,
        now + longestBackOff,
        page,
      );
      for (const { pack, tries } of due) {
        if (enough()) break;
        try {
          rebuilt += await mend(pack, tries, gone);
        } catch (error) {
          if (isFull(error)) throw error;
          deps.log.warn({ error: String(error) }, 'a pack could not be mended');
          later(pack, tries + 1);
        }
      }
      return rebuilt;
    },
    hasten: () => void catalogue.run('UPDATE repairs SET due = 0'),
    waiting() {
      const row = catalogue.one<{ packs: number; stuck: number | null }>(
        'SELECT count(*) AS packs, sum(tries > 0) AS stuck FROM repairs',
      );
      return { packs: row?.packs ?? 0, stuck: row?.stuck ?? 0 };
    },
  };
}
