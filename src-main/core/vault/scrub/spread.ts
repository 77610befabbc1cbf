import type { Opened } from '../core.ts';
import { candidateOf, type LivePlace } from '../places/places.ts';
import type { Candidate } from '../places/safety.ts';
import type { PackRow, ShardRow } from '../store/catalogue.ts';
import type { Records } from './records.ts';
import { isServer } from './walk.ts';

const MiB = 1024 * 1024;
/** Bytes a second that are moved at most between this computer's disks. */
const localRate = 2 * MiB;
/** Places that differ by less than this in use are alike. */
const leastDifference = 64 * MiB;
const page = 64;

export interface Move {
  readonly idx: number;
  readonly to: string;
}

/** What a place is filled to, against others: bytes of the vault there by its weight. */
export type Filled = (id: string) => number;

/**
 * The move that makes a pack lie better: to fewer on the fullest devices, then to fewer with the same person, then, where neither gets
 * worse by it, from a full place to an emptier one. Null when it lies well. Each move lowers what is measured, so it comes to an end.
 */
export function betterMove(
  held: readonly (Candidate & { readonly idx: number })[],
  free: readonly Candidate[],
  filled: Filled,
): Move | null {
  let best: { readonly move: Move; readonly gain: readonly [number, number, number] } | null = null;
  for (const from of held) {
    for (const to of free) {
      /** By how much the squares of the loads sink, halved: 0 for one of the same, above it when it evens them out. */
      const evens = (kind: 'device' | 'owner'): number => {
        if (from[kind] === to[kind]) return 0;
        const load = (name: string): number => held.filter((one) => one[kind] === name).length;
        return load(from[kind]) - load(to[kind]) - 1;
      };
      const difference = filled(from.id) - filled(to.id);
      const empties = difference > Math.max(leastDifference, filled(from.id) / 10) ? difference : 0;
      const [device, owner] = [evens('device'), evens('owner')];
      const better = device > 0 || (device === 0 && (owner > 0 || (owner === 0 && empties > 0)));
      const gain = [device, owner, difference] as const;
      if (better && (best === null || isMore(gain, best.gain))) best = { move: { idx: from.idx, to: to.id }, gain };
    }
  }
  return best?.move ?? null;
}

const isMore = (a: readonly number[], b: readonly number[]): boolean => {
  const at = a.findIndex((one, i) => one !== b[i]);
  return at >= 0 && (a[at] ?? 0) > (b[at] ?? 0);
};

export interface Spreader {
  /** Move what may be moved in `elapsedMs`. @returns shards moved */
  spread(elapsedMs: number, enough: () => boolean): Promise<number>;
  active(): boolean;
}

/**
 * After a place was added, brings pieces there until all are used alike, slowly. Each is made anew, read back and written down before the
 * old one goes. Where it is is in the catalogue: it goes on after a restart.
 */
export function createSpreader(opened: Opened, records: Records): Spreader {
  const { catalogue, engine, maintenance } = opened;
  const { places, deps } = engine;
  let credit = 0;

  const ids = (): string[] =>
    places
      .all()
      .filter(({ row }) => row.state === 'active')
      .map(({ row }) => row.id)
      .sort();

  const rate = (): number => {
    const servers = places.all().some(isServer);
    const bound = (records.settings().serverDailyMiB * MiB) / 86_400;
    // Each move reads k pieces and writes one.
    return servers ? Math.min(localRate, bound) : localRate;
  };

  const moveOne = async (pack: PackRow, filled: Map<string, number>): Promise<number> => {
    const shards = catalogue.shards(pack.seq);
    const whole = shards.every(({ place, state }) => state === 'ok' && places.readable(place));
    // What is hurt is repaired first.
    if (!whole) return 0;
    const held = shards.flatMap(({ idx, place }) => {
      const live = places.get(place);
      return live ? [{ ...candidateOf(live), idx }] : [];
    });
    const free = places.writable().filter(({ id }) => !held.some((one) => one.id === id));
    const weight = (id: string): number => places.get(id)?.row.weight ?? 1;
    const move = betterMove(held, free, (id) => (filled.get(id) ?? 0) / weight(id));
    if (!move) return 0;
    const from = shards[move.idx]?.place ?? '';
    const target = (shard: ShardRow): LivePlace | null => (shard.idx === move.idx ? places.get(move.to) : null);
    const only = (rows: readonly ShardRow[]): number[] =>
      rows.flatMap(({ idx, place }) => (idx === move.idx && place === from ? [idx] : []));
    const { rebuilt } = await maintenance.rebuildShards(pack, only, target, { lied: () => {} });
    if (rebuilt === 0) return 0;
    const bytes = pack.shardLength + 96;
    filled.set(from, (filled.get(from) ?? 0) - bytes);
    filled.set(move.to, (filled.get(move.to) ?? 0) + bytes);
    catalogue.transaction(() => {
      records.count({ moved: 1 });
      records.event('spread', move.to, 1, deps.host.now());
    });
    deps.probe?.('spread');
    credit -= bytes * (pack.k + 1);
    return 1;
  };

  return {
    active: () => records.spreading()?.active ?? false,
    async spread(elapsedMs, enough) {
      const now = ids();
      const known = records.spreading();
      const added = known !== null && now.some((id) => !known.places.includes(id));
      if (known === null || added || known.places.length !== now.length)
        records.setSpreading({ places: now, cursor: 0, active: added || (known?.active ?? false) });
      const state = records.spreading();
      if (!state?.active) return 0;
      credit = Math.min(rate() * 300, credit + (rate() * elapsedMs) / 1000);
      const filled = new Map(now.map((id) => [id, records.bytesOn(id)]));
      let moved = 0;
      let cursor = state.cursor;
      for (;;) {
        const list = catalogue.all<{ seq: number }>(
          `SELECT seq FROM packs WHERE seq > ? AND state = 'stored' AND kind = 0 ORDER BY seq LIMIT ?`,
          cursor,
          page,
        );
        for (const { seq } of list) {
          if (credit <= 0 || enough()) return moved;
          const pack = catalogue.pack(seq);
          if (pack?.state === 'stored') moved += await moveOne(pack, filled);
          cursor = seq;
          records.setSpreading({ places: now, cursor, active: true });
        }
        if (list.length < page) break;
      }
      records.setSpreading({ places: now, cursor: 0, active: false });
      return moved;
    },
  };
}
