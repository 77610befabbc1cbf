import type { TaskContext } from '#core/broker/handlers.ts';
import { notEnoughPlaces, stillNeeded, throwIfAborted } from '../failures.ts';
import type { VaultKeys } from '../format/keys.ts';
import type { PlaceIdentity } from '../format/place-identity.ts';
import { packKinds, shardLengthFor } from '../format/shard.ts';
import { candidateOf, type LivePlace } from '../places/places.ts';
import { choosePlaces } from '../places/safety.ts';
import type { PackRow, ShardRow } from './catalogue.ts';
import { type Engine, shardName } from './engine.ts';
import { mustKeep } from './fork.ts';
import type { Ingest } from './ingest.ts';
import { noteLostShards } from './lost-shards.ts';
import type { Packs } from './packs.ts';
import { isBehind } from './rebuild.ts';

type Progress = Pick<TaskContext, 'signal' | 'step' | 'progress' | 'rest'>;

export type Maintenance = ReturnType<typeof createMaintenance>;

/** Verify, repair, drain and garbage collection. Verify, repair and drain need no person keys: they work while locked. */
export function createMaintenance(engine: Engine, packs: Packs, identityFor: (place: string) => PlaceIdentity) {
  const { catalogue, places, slots, arena, health, deps } = engine;

  /** To be made again. What lies on a place that waits for the person is not known to be lost. */
  const bad = (shard: ShardRow): boolean =>
    shard.state !== 'ok' || !(places.readable(shard.place) || places.waits(shard.place));

  const hex = (id: Uint8Array): string => Buffer.from(id).toString('hex');
  /**
   * Packs half written and chunks of no file that were found, not made, by this start. A crash left them; or the database went
   * back in time, and a newer catalogue on a place that is away needs them.
   */
  let packsFound = new Set<number>();
  let chunksFound = new Set<string>();

  /** Packs that are being mended or moved: one at a time each, whoever asks. */
  const busy = new Map<number, Promise<unknown>>();
  const alone = async <T>(seq: number, work: () => Promise<T>): Promise<T> => {
    while (busy.has(seq)) await busy.get(seq);
    const mine = work();
    const over = mine.catch(() => {}).finally(() => busy.delete(seq));
    busy.set(seq, over);
    return mine;
  };

  /** Read every shard of a pack back and check it; says what is wrong, and what was not to be seen. All right: the pack counts as verified now. */
  const check = async (pack: PackRow): Promise<{ missing: number; unseen: number; corrupt: number }> => {
    const slot = await slots.take();
    try {
      const result = await packs.examine(pack, slot, []);
      const unseen = result.shards.filter(
        (s) => s.state === 'ok' && (places.waits(s.place) || result.unread.includes(s.idx)),
      );
      const away = result.shards.filter((s) => s.state === 'missing' || !places.readable(s.place));
      const missing = away.filter((s) => !unseen.includes(s)).length;
      return { missing, unseen: unseen.length, corrupt: result.rotten.size };
    } finally {
      slots.give(slot);
    }
  };

  /**
   * Rebuild the given shards of one pack on the places chosen by `targetFor`. Where too few are right to rebuild anything,
   * a wanted one that is right itself is still copied. `left` are those wanted that are nowhere better now.
   */
  const rebuildShards = (...input: Parameters<typeof rebuild>): ReturnType<typeof rebuild> =>
    alone(input[0].seq, () => rebuild(...input));
  const rebuild = async (
    pack: PackRow,
    wanted: (shards: readonly ShardRow[]) => number[],
    targetFor: (shard: ShardRow, taken: readonly LivePlace[]) => LivePlace | null,
    /** Read back what was written before it counts; told of places that do not have it although they said so. */
    proof: { readonly lied: (place: string) => void } | null = null,
  ): Promise<{ rebuilt: number; left: number; readable: boolean }> => {
    const slot = await slots.take();
    try {
      const want = wanted(catalogue.shards(pack.seq));
      let result = await packs.examine(pack, slot, want);
      // Reading found more damage than was known: ask once more for all of it.
      let now = [...new Set([...want, ...wanted(result.shards)])];
      if (result.enough && now.length > want.length) result = await packs.examine(pack, slot, now);
      // Of what cannot be rebuilt, what turned out to be right where it is needs nothing.
      if (!result.enough) now = wanted(result.shards);
      const shards = [...result.shards];
      const done: ShardRow[] = [];
      const used: LivePlace[] = [];
      let left = 0;
      for (const idx of now) {
        const shard = shards[idx];
        if (!shard) continue;
        const taken = shards.flatMap((s) => (s.idx !== idx && !now.includes(s.idx) ? [places.get(s.place)] : []));
        const holding = [...taken, ...done.map((s) => places.get(s.place))].filter((p) => p !== null);
        const target = targetFor(shard, holding);
        const bytes = arena.bytes.subarray(slot + idx * pack.shardLength, slot + (idx + 1) * pack.shardLength);
        const frame = result.rebuilt.find((r) => r.index === idx);
        if (!target || !frame || !(await packs.putShard(target, pack, idx, [frame.header, bytes, frame.tag]))) {
          left++;
          continue;
        }
        used.push(target);
        done.push({ idx, place: target.row.id, state: 'ok' });
      }
      const failed = await packs.settle([...new Set(used)]);
      const settled = done.filter((s) => s.place !== null && !failed.has(s.place));
      const durable: ShardRow[] = [];
      for (const shard of settled) {
        const frame = result.rebuilt.find((r) => r.index === shard.idx);
        const bytes = arena.bytes.subarray(
          slot + shard.idx * pack.shardLength,
          slot + (shard.idx + 1) * pack.shardLength,
        );
        const parts = frame ? [frame.header, bytes, frame.tag] : [];
        if (!proof || (await readsBack(pack, shard, parts, proof.lied))) durable.push(shard);
      }
      deps.probe?.('shards-rebuilt');
      packs.note(pack, durable);
      // Those they were made from were read and checked just now, and these are what was made.
      if (durable.length > 0 && catalogue.pack(pack.seq)?.state === 'stored')
        catalogue.transaction(() => catalogue.shardsVerified(pack.seq, durable, deps.host.now()));
      // A shard that was moved leaves its old file behind; take it away where it can be reached.
      const moved = durable.flatMap((shard) => {
        const before = shards[shard.idx]?.place ?? null;
        const old = before !== shard.place && places.readable(before) ? places.get(before) : null;
        return old ? [{ store: old.store, name: shardName(pack, shard.idx) }] : [];
      });
      const keep = moved.length > 0 && (await mustKeep(engine));
      for (const { store, name } of keep ? [] : moved) await store.remove(name).catch(() => {});
      return { rebuilt: durable.length, left: left + done.length - durable.length, readable: result.enough };
    } finally {
      slots.give(slot);
    }
  };

  /** What was written is there: a place may say that it took something, and not have it. */
  const readsBack = async (
    pack: PackRow,
    { idx, place: id }: ShardRow,
    parts: readonly Uint8Array[],
    lied: (place: string) => void,
  ): Promise<boolean> => {
    const place = places.get(id);
    if (!place || id === null) return false;
    const written = Buffer.concat(parts);
    const back = new Uint8Array(written.length);
    try {
      if ((await place.store.read(shardName(pack, idx), 0, back)) && written.equals(back)) return true;
    } catch {
      // Away, or too slow: that is no lie.
      return false;
    }
    lied(id);
    return false;
  };

  /**
   * What a place holds of a pack that cannot be rebuilt is of no use to anybody: it was seen to be gone or rotten, and no
   * other place that may hold some of the pack is away.
   */
  const isWorthless = async (pack: PackRow, id: string): Promise<boolean> => {
    const shards = catalogue.shards(pack.seq);
    if (shards.some((s) => s.place !== null && !places.readable(s.place))) return false;
    for (const shard of shards) {
      if (shard.place !== id || shard.state === 'rotten') continue;
      // A disk that answers with an error does not say that nothing is there.
      const size = await places
        .get(id)
        ?.store.size(shardName(pack, shard.idx))
        .catch(() => undefined);
      if (size !== null) return false;
    }
    return true;
  };

  /** A directory that was deleted while its disk is there is made again, and empty; an unplugged drive is not. */
  const remake = async (place: LivePlace): Promise<boolean> => {
    if (!place.remakable) return false;
    const made = await place.backend.claim(identityFor(place.row.id)).catch((error: unknown) => {
      deps.log.warn({ place: place.row.id, error: String(error) }, 'a place could not be made again');
      return false;
    });
    if (!made) return false;
    // What lay there may have known of shards that this catalogue does not: the wait to sweep those begins anew.
    catalogue.run('DELETE FROM strangers');
    const lost = catalogue.all<{ pack: number }>('SELECT pack FROM shards WHERE place = ?', place.row.id);
    catalogue.transaction(() => {
      catalogue.run(`UPDATE shards SET state = 'missing' WHERE place = ?`, place.row.id);
      for (const { pack } of lost) catalogue.packTouched(pack);
    });
    return true;
  };

  let freeing: Promise<unknown> = Promise.resolve();

  return {
    rebuildShards,
    remake,
    /** One at a time of what moves chunks to free space: two would move the same, and read what the other has removed. */
    freeingAlone<T>(work: () => Promise<T>): Promise<T> {
      const mine = freeing.then(work);
      freeing = mine.catch(() => {});
      return mine;
    },

    async verify(context: Progress) {
      await places.refresh();
      const list = catalogue.packs('stored');
      context.step('check', 'Reading and checking every shard', { total: list.length, unit: 'items', pausable: true });
      let checked = 0;
      let missing = 0;
      let corrupt = 0;
      for (const [i, pack] of list.entries()) {
        await context.rest();
        throwIfAborted(context.signal);
        const found = await check(pack);
        checked += pack.k + pack.m - found.missing - found.unseen;
        missing += found.missing;
        corrupt += found.corrupt;
        context.progress(i + 1);
      }
      return { checked, missing, corrupt };
    },

    async repair(context: Progress) {
      await places.refresh();
      context.step('places', 'Looking at the places');
      for (const place of places.all()) await remake(place);
      await places.refresh();
      // Files that somebody deleted are known only when a place is looked into.
      await noteLostShards(engine);
      health.load();
      const list = catalogue.packs('stored').filter((pack) => catalogue.shards(pack.seq).some(bad));
      context.step('rebuild', 'Rebuilding lost shards', { total: list.length, unit: 'items', pausable: true });
      let rebuilt = 0;
      let left = 0;
      let unrepairable = 0;
      for (const [i, pack] of list.entries()) {
        await context.rest();
        throwIfAborted(context.signal);
        const result = await rebuildShards(
          pack,
          (shards) => shards.filter(bad).map((s) => s.idx),
          (shard, taken) => {
            const free = places.writable().filter((c) => !taken.some((t) => t.row.id === c.id));
            const own = free.find((c) => c.id === shard.place);
            const held = taken.map(candidateOf);
            return own?.place ?? choosePlaces(free, 1, held)[0]?.place ?? null;
          },
        );
        rebuilt += result.rebuilt;
        if (result.readable) left += result.left;
        else unrepairable += result.left;
        context.progress(i + 1);
      }
      if (rebuilt === 0 && left > 0) {
        const vault = catalogue.vault();
        throw notEnoughPlaces(places.writable().length, (vault?.k ?? 0) + (vault?.m ?? 0));
      }
      return { rebuilt, unrepairable: unrepairable + left };
    },

    /**
     * Move every shard off a place: rebuilt from the others or, where those are too few now, copied byte for byte. Resolves
     * only when nothing is there any more that could help to read a file. @throws Fail NOT_ENOUGH_PLACES
     */
    async drainPlace(id: string, context: Progress): Promise<number> {
      const list = catalogue.packs('stored').filter((pack) => catalogue.shards(pack.seq).some((s) => s.place === id));
      context.step('move', 'Moving shards to other places', { total: list.length, unit: 'items', pausable: true });
      let moved = 0;
      for (const [i, pack] of list.entries()) {
        await context.rest();
        throwIfAborted(context.signal);
        if (catalogue.pack(pack.seq)?.state !== 'stored') continue;
        const result = await rebuildShards(
          pack,
          (shards) => shards.filter((s) => s.place === id).map((s) => s.idx),
          (_, taken) => {
            const held = taken.map(candidateOf);
            const free = places.writable().filter((c) => c.id !== id);
            return choosePlaces(free, 1, held)[0]?.place ?? null;
          },
        );
        moved += result.rebuilt;
        if (result.left > 0) {
          if (result.readable) throw notEnoughPlaces(places.writable().length, pack.k + pack.m);
          if (!(await isWorthless(pack, id))) throw stillNeeded(places.writable().length, pack.k + pack.m);
        }
        context.progress(i + 1);
      }
      return moved;
    },

    /** The catalogue was opened or filled anew: what is unfinished in it is not touched until {@link tidy}. */
    hold(): void {
      packsFound = new Set(catalogue.packs('writing').map((pack) => pack.seq));
      chunksFound = new Set(
        catalogue.all<{ id: Uint8Array }>('SELECT id FROM chunks WHERE refs = 0').map((c) => hex(c.id)),
      );
    },

    /**
     * Give up what was held. Not before all places are here to say that the catalogue is as new as those on them, and never
     * after one was met that is newer and could not be read. @returns false when it is held on
     */
    async tidy(): Promise<boolean> {
      if (packsFound.size === 0 && chunksFound.size === 0) return true;
      if (places.all().some((place) => !places.readable(place.row.id))) return false;
      if (catalogue.one('SELECT 1 FROM lineage WHERE gap <> 0') || (await isBehind(engine))) return false;
      for (const pack of catalogue.packs('writing')) if (packsFound.has(pack.seq)) await packs.discard(pack);
      packsFound.clear();
      chunksFound.clear();
      return true;
    },

    /** Chunks that no file refers to and nobody is about to: forget them, and mark packs without chunks dead. */
    collect(pinned: (id: Uint8Array) => boolean): void {
      catalogue.transaction(() => {
        for (const chunk of catalogue.all<{ id: Uint8Array; pack: number }>(
          'SELECT id, pack FROM chunks WHERE refs = 0',
        )) {
          if (pinned(chunk.id) || chunksFound.has(hex(chunk.id))) continue;
          catalogue.dropChunk(chunk.id);
          catalogue.packTouched(chunk.pack);
        }
        const empty = catalogue.all<{ seq: number }>(
          `SELECT seq FROM packs WHERE kind = 0 AND state = 'stored' AND NOT EXISTS (SELECT 1 FROM chunks WHERE pack = seq)`,
        );
        for (const { seq } of empty) {
          catalogue.run('DELETE FROM item_packs WHERE pack = ?', seq);
          catalogue.packDead(seq);
          health.forget(seq);
        }
      });
      deps.probe?.('collected');
    },

    /**
     * Delete the shards of dead packs that the catalogue on the places does not need: those that were dead when it was brought up to
     * date last, or, given `after`, only later packs, which it never named. What died since stays, whoever called
     * for that copy: the places may still say that it lives. While another agent may need them all stay.
     *
     * @returns bytes freed on all places
     */
    async sweep(after: number | null = null): Promise<number> {
      let freed = 0;
      if (catalogue.packs('dead').length === 0 || (await mustKeep(engine))) return freed;
      // Asked for after the look at the places, in one turn with the first removal.
      const told = new Set(catalogue.deadAndTold());
      for (const pack of catalogue.packs('dead')) {
        if (after === null ? !told.has(pack.seq) : pack.seq <= after) continue;
        await packs.discard(pack);
        // Files on a place that is away are not gone yet.
        if (catalogue.pack(pack.seq) === null) freed += (pack.k + pack.m) * pack.shardLength;
      }
      return freed;
    },

    /**
     * Write the live chunks of wasteful packs anew: of packs less than half alive, and of small ones once there are many.
     * The old packs are left without chunks, for {@link collect}. The new ones are read back: what was verified stays so.
     */
    async compact(keys: VaultKeys, ingest: Ingest, signal: AbortSignal): Promise<void> {
      const rows = catalogue.all<{ seq: number; k: number; length: number; live: number; verified: number | null }>(
        `SELECT seq, k, shard_length AS length, verified, coalesce(sum(sealed), 0) AS live FROM packs LEFT JOIN chunks ON pack = seq
         WHERE kind = ${packKinds.data} AND state = 'stored' GROUP BY seq`,
      );
      const small = rows.filter(({ k, length }) => k * length < 1024 * 1024);
      // What the places would hold of what is alive is half of what they hold, or less.
      const wasteful = rows.filter(({ live, k, length }) => shardLengthFor(live, k) * 2 <= length);
      const chosen = new Set(wasteful.map(({ seq }) => seq));
      if (small.length >= 16) for (const row of small) chosen.add(row.seq);
      const moves: Promise<number>[] = [];
      for (const seq of chosen) {
        if (signal.aborted) break;
        if (health.pack(seq) === 'damaged') continue;
        for (const chunk of catalogue.chunksOf(seq)) {
          if (chunk.refs === 0 && !ingest.pinned(chunk.id)) continue;
          const plain = await packs.readChunk(keys, chunk).catch((error: unknown) => {
            const now = catalogue.chunk(chunk.id);
            if (now && (now.refs > 0 || ingest.pinned(chunk.id))) throw error;
            return null;
          });
          // Its file was deleted for good since the list was made, and it with it.
          if (!plain) continue;
          const { done } = await ingest.move(chunk.id, plain);
          done.catch(() => {});
          moves.push(done);
        }
      }
      ingest.flush();
      const made = new Set(await Promise.all(moves));
      deps.probe?.('compacted');
      // Files of this pack that were never verified stay so: another of their packs, or of the vault's, says it.
      const verified = rows.every((row) => !chosen.has(row.seq) || row.verified !== null);
      for (const seq of verified ? made : []) {
        if (signal.aborted) break;
        const pack = catalogue.pack(seq);
        if (pack?.state === 'stored') await check(pack);
      }
    },
  };
}
