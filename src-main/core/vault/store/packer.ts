import type { Codec } from '../format/chunk.ts';
import type { VaultKeys } from '../format/keys.ts';
import { packCapacity } from '../pool/arena.ts';
import type { PackResult } from '../pool/jobs.ts';
import { createLender } from '../pool/lender.ts';
import type { PackRow, VaultRow } from './catalogue.ts';
import type { Engine } from './engine.ts';
import { dataPack, type Packs } from './packs.ts';
import { createSegments, type Segment } from './segments.ts';

interface OpenPack extends Destination {
  readonly chunks: { at: number; length: number; id: Uint8Array; key: string; segment: Segment }[];
  plain: number;
  record(seq: number): void;
  store(seq: number): void;
  reject(error: unknown): void;
}
/** The pack a chunk is in or will be in, by its number. */
export interface Destination {
  /** Resolves when its rows come next in the group of commits: what is added to that from then on may refer to them. */
  readonly recording: Promise<number>;
  /** Resolves when it is durable. */
  readonly stored: Promise<number>;
}
export interface Placed {
  readonly pack: Destination;
  /** Its bytes when it was in the vault already, else 0. */
  readonly deduplicated: number;
}

const maxChunks = 4096;
/**
 * Packs under way: those in a slot, and as many whose shards are written but not yet synced, which hold no memory of ours, only
 * of the system's cache.
 */
const underWay = 6;
/** A chunk's id as a key of maps. */
export const keyOf = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.length).toString('latin1');

const once = (work: () => void): (() => void) => {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    work();
  };
};

export type Packer = ReturnType<typeof createPacker>;

/**
 * Gathers chunks into packs and stores full ones in the background. Bounded by the arena: whoever adds waits when
 * segments or slots run out. A chunk is pinned from when it is added until its file's rows refer to it.
 */
export function createPacker(engine: Engine, packs: Packs, vault: VaultRow, keys: VaultKeys) {
  const { slots, catalogue, health } = engine;
  const capacity = packCapacity(vault.k, vault.m);
  const permits = createLender(Array.from({ length: underWay }, (_, i) => i));
  const pending = new Map<string, OpenPack>();
  const pins = new Map<string, number>();
  /** Packs that hold a slot or wait for one, until their bytes are taken. */
  const filling = new Set<Promise<void>>();
  /** Packs that pin segments until they are sealed. */
  const unsealed = new Set<OpenPack>();
  const running = new Set<Promise<void>>();
  let open: OpenPack | null = null;
  const segments = createSegments(engine.arena, () => relieve());

  /**
   * Readers wait for a segment. When no other pack is about to give some back, the open one does: it is sealed early. And also
   * beside one other, so that two can be sealed at once, when it is at least half full: each pack is k+m files, however small.
   */
  const relieve = (): void => {
    if (segments.waiting() === 0 || unsealed.size > 1) return;
    if (unsealed.size === 1 && (open?.plain ?? 0) * 2 < capacity) return;
    segments.dropShared();
    void flush();
  };

  const pin = (key: string, by: 1 | -1): void => {
    const now = (pins.get(key) ?? 0) + by;
    if (now === 0) pins.delete(key);
    else pins.set(key, now);
  };

  const openPack = (): OpenPack => {
    const recording = Promise.withResolvers<number>();
    const stored = Promise.withResolvers<number>();
    // Each file awaits one too; this only keeps an unhandled rejection from ending the process.
    recording.promise.catch(() => {});
    stored.promise.catch(() => {});
    return {
      chunks: [],
      plain: 0,
      recording: recording.promise,
      stored: stored.promise,
      record: recording.resolve,
      store: stored.resolve,
      reject(error) {
        recording.reject(error);
        stored.reject(error);
      },
    };
  };

  /** In the transaction that makes the pack part of the vault. */
  const record = (pack: OpenPack, { seq }: PackRow, result: PackResult): void => {
    const left = new Set<number>();
    pack.chunks.forEach((chunk, idx) => {
      const offset = result.offset[idx] ?? 0;
      const sealed = result.sealed[idx] ?? 0;
      const codec = result.codec[idx] as Codec;
      const row = { id: chunk.id, pack: seq, idx, offset, sealed, plain: chunk.length, codec };
      if (catalogue.addChunk(row)) return;
      const before = catalogue.holds(chunk.id);
      if (before) left.add(before.pack);
      catalogue.putChunk(row);
    });
    // Chunks that moved here: the files of their old packs may now lie in this one.
    for (const old of left) {
      catalogue.run('INSERT OR IGNORE INTO item_packs SELECT item, ? FROM item_packs WHERE pack = ?', seq, old);
      catalogue.packTouched(old);
    }
  };

  const store = async (pack: OpenPack, emptied: () => void): Promise<void> => {
    const permit = await permits.take();
    const slot = await slots.take();
    const leaveSegments = once(() => {
      unsealed.delete(pack);
      for (const chunk of pack.chunks) segments.leave(chunk.segment);
      relieve();
    });
    const giveSlot = once(() => {
      slots.give(slot);
      emptied();
    });
    try {
      const row = await packs.write(keys, pack.chunks, dataPack, slot, {
        commit: (row, result) => record(pack, row, result),
        recording: (row) => pack.record(row.seq),
        sealed: leaveSegments,
        emptied: giveSlot,
      });
      pack.store(row.seq);
    } catch (error) {
      pack.reject(error);
    } finally {
      leaveSegments();
      giveSlot();
      permits.give(permit);
      for (const { key } of pack.chunks) if (pending.get(key) === pack) pending.delete(key);
    }
  };

  const flush = (): Promise<void> => {
    const pack = open;
    open = null;
    if (!pack) return Promise.resolve();
    const { promise: empty, resolve } = Promise.withResolvers<void>();
    filling.add(empty);
    unsealed.add(pack);
    const work = store(pack, () => {
      filling.delete(empty);
      resolve();
    });
    running.add(work);
    void work.finally(() => running.delete(work));
    return work;
  };

  const known = (key: string, id: Uint8Array, length: number, move: boolean): Placed | null => {
    const waiting = pending.get(key);
    if (waiting) return { pack: waiting, deduplicated: length };
    const row = move ? null : catalogue.holds(id);
    if (row?.plain !== length || health.pack(row.pack) === 'damaged') return null;
    const there = Promise.resolve(row.pack);
    return { pack: { recording: there, stored: there }, deduplicated: length };
  };

  const put = (key: string, segment: Segment, at: number, length: number, id: Uint8Array): Placed => {
    open ??= openPack();
    const pack = open;
    segment.users++;
    pack.chunks.push({ at, length, id, key, segment });
    pack.plain += length;
    pending.set(key, pack);
    relieve();
    return { pack, deduplicated: 0 };
  };
  const isFull = (length: number): boolean =>
    open !== null && (open.plain + length > capacity || open.chunks.length >= maxChunks);

  const putLater = async (key: string, segment: Segment, at: number, length: number, id: Uint8Array) => {
    try {
      await Promise.race(filling);
    } catch (error) {
      pin(key, -1);
      throw error;
    }
    const again = pending.get(key);
    if (again) return { pack: again, deduplicated: length };
    if (isFull(length)) void flush();
    return put(key, segment, at, length, id);
  };

  return {
    segments,
    /**
     * Put a chunk in the open pack, or find it, and pin it. `move` writes it again although it is there (compaction). A promise
     * only where there is something to wait for: most of many small chunks need none.
     */
    add(segment: Segment, at: number, length: number, id: Uint8Array, move = false): Placed | Promise<Placed> {
      const key = keyOf(id);
      const there = known(key, id, length, move);
      pin(key, 1);
      if (there) return there;
      if (isFull(length)) {
        void flush();
        // No slot is free: wait for one, or packs would pile up in memory. Others may have opened a pack meanwhile.
        if (slots.free() === 0) return putLater(key, segment, at, length, id);
      }
      return put(key, segment, at, length, id);
    },
    unpin: (id: Uint8Array): void => pin(keyOf(id), -1),
    pinned: (id: Uint8Array): boolean => pins.has(keyOf(id)),
    /** Seal the open pack now; its files learn of it by their own promise. */
    flush(): void {
      segments.dropShared();
      void flush();
    },
    /** Seal the open pack now and wait for every pack under way. */
    async drain(): Promise<void> {
      segments.dropShared();
      void flush();
      while (running.size > 0) await Promise.allSettled(running);
    },
    busy: (): boolean => running.size > 0 || open !== null,
  };
}
