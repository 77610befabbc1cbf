import type { Opened } from '../core.ts';
import type { LivePlace } from '../places/places.ts';
import type { ShardCheck } from './check-shard.ts';
import { noteFound } from './note-found.ts';
import { passMs, rate } from './pace.ts';
import type { PlaceRecord, Records } from './records.ts';

/** Shards that are looked up at a time. */
const page = 64;
/** What may be read at once after a pause, in ms of reading at the rate: no bursts after a night. */
const mostCreditMs = 10 * 60_000;

export const isServer = (place: LivePlace): boolean => place.row.address.kind !== 'directory';

/**
 * Reads all that lies on a place, shard by shard, within a budget, and begins anew when the pass is old enough. Where it is is in
 * the catalogue: after a crash it goes on with the shard after the last one written down. What was stored since the pass
 * began is read first, so that a write that went wrong shows soon.
 */
export function createWalker(opened: Opened, records: Records, check: ShardCheck) {
  const { catalogue, engine } = opened;
  const { deps } = engine;
  /** Bytes that each place may be read now. */
  const credit = new Map<string, number>();

  const restart = (record: PlaceRecord, now: number, hurry: boolean): void => {
    const { place } = record;
    const newest = catalogue.one<{ seq: number | null }>('SELECT max(seq) AS seq FROM packs')?.seq ?? 0;
    const total = records.bytesOn(place);
    records.set(place, { started: now, total, done: 0, cursor: 0, fresh: newest, hurry: hurry ? 1 : 0 });
  };

  const finish = (record: PlaceRecord, now: number): void => {
    // It is trusted again once all of it was read after its last fault.
    const faults = record.hurry ? record.faults : 0;
    records.set(record.place, { finished: now, hurry: 0, cursor: Number.MAX_SAFE_INTEGER, done: record.total, faults });
  };

  /** @returns whether there was something to read */
  const step = async (id: string, spend: (bytes: number) => void): Promise<boolean> => {
    const now = deps.host.now();
    const record = records.place(id, now);
    const [fresh] = records.shardsAfter(id, record.fresh, 1);
    if (fresh) {
      if (fresh.seen === null) await one(fresh, id, spend);
      records.set(id, { fresh: fresh.seq });
      return true;
    }
    if (record.cursor === Number.MAX_SAFE_INTEGER) return false;
    const list = records.shardsAfter(id, record.cursor, page);
    let skipped = 0;
    for (const shard of list) {
      const bytes = shard.shardLength + 96;
      const recent = shard.seen !== null && shard.seen >= record.started && shard.seen <= now;
      if (!recent) await one(shard, id, spend);
      else skipped += bytes;
      if (recent && shard !== list.at(-1)) continue;
      records.set(id, { cursor: shard.seq, done: record.done + skipped + (recent ? 0 : bytes) });
      return true;
    }
    finish(record, now);
    return false;
  };

  const one = async (
    shard: Parameters<ShardCheck>[0] & { idx: number },
    id: string,
    spend: (bytes: number) => void,
  ) => {
    deps.probe?.('scrub');
    const found = await check(shard, shard.idx, id);
    spend(shard.shardLength + 96);
    if (noteFound(opened, records, shard, shard.idx, id, found)) deps.probe?.('scrub-found');
  };

  return {
    restart,
    /** Read on at a place for what `elapsedMs` allow, until `enough`. */
    async walk(place: LivePlace, elapsedMs: number, enough: () => boolean): Promise<void> {
      const { id } = place.row;
      const settings = records.settings();
      const now = deps.host.now();
      const record = records.place(id, now);
      const server = isServer(place);
      const over = Math.abs(now - record.started) >= passMs(server, settings);
      if (record.cursor === Number.MAX_SAFE_INTEGER && over) restart(record, now, false);
      const speed = rate({ ...record, server, hurry: record.hurry === 1 }, settings, now);
      const most = (speed * mostCreditMs) / 1000;
      let left = Math.min(most, (credit.get(id) ?? 0) + (speed * elapsedMs) / 1000);
      const spend = (bytes: number): void => {
        left -= bytes;
      };
      while (left > 0 && !enough() && engine.places.readable(id)) {
        if (!(await step(id, spend))) {
          left = Math.min(left, 0);
          break;
        }
      }
      credit.set(id, left);
    },
  };
}
export type Walker = ReturnType<typeof createWalker>;
