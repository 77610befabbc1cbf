import type { VaultKeys } from '../format/keys.ts';
import { packCapacity } from '../pool/arena.ts';
import type { PackResult } from '../pool/jobs.ts';
import { createLender } from '../pool/lender.ts';
import type { PackRow, VaultRow } from './catalogue.ts';
import type { Engine } from './engine.ts';
import { dataPack, type Packs } from './packs.ts';
import { createSegments, type Segment } from './segments.ts';

interface OpenPack {
  readonly chunks: { at: number; length: number; id: Uint8Array; segment: Segment }[];
  plain: number;
  readonly stored: Promise<number>;
  resolve(seq: number): void;
  reject(error: unknown): void;
}
/** Where a chunk is or will be: `pack` resolves to its pack's number when that is durable. */
export interface Placed {
  readonly pack: Promise<number>;
  /** Its bytes when it was in the vault already, else 0. */
  readonly deduplicated: number;
}

const maxChunks = 4096;
/**
 * Packs under way: those in a slot, and as many whose shards are written but not yet synced, which hold no memory of ours, only
 * of the system's cache.
 */
const underWay = 6;
const hex = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.length).toString('hex');

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
  const running = new Set<Promise<void>>();
  let open: OpenPack | null = null;
  // All segments are pinned by the open pack: seal it early, so that readers go on.
  const segments = createSegments(engine.arena, () => void flush());

  const pin = (key: string, by: 1 | -1): void => {
    const now = (pins.get(key) ?? 0) + by;
    if (now === 0) pins.delete(key);
    else pins.set(key, now);
  };

  const openPack = (): OpenPack => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    // Each file awaits it too; this only keeps an unhandled rejection from ending the process.
    promise.catch(() => {});
    return { chunks: [], plain: 0, stored: promise, resolve, reject };
  };

  /** In the transaction that makes the pack part of the vault. */
  const record = (pack: OpenPack, row: PackRow, result: PackResult): void => {
    const left = new Set<number>();
    pack.chunks.forEach((chunk, idx) => {
      const made = result.chunks[idx];
      if (!made) throw new Error('a chunk was not sealed');
      const { offset, sealed, codec } = made;
      const before = catalogue.chunk(chunk.id);
      if (before) left.add(before.pack);
      catalogue.putChunk({ id: chunk.id, pack: row.seq, idx, offset, sealed, plain: chunk.length, codec });
    });
    // Chunks that moved here: the files of their old packs may now lie in this one.
    for (const old of left) {
      catalogue.run('INSERT OR IGNORE INTO item_packs SELECT item, ? FROM item_packs WHERE pack = ?', row.seq, old);
      catalogue.packTouched(old);
    }
  };

  const store = async (pack: OpenPack, emptied: () => void): Promise<void> => {
    const permit = await permits.take();
    const slot = await slots.take();
    let held = true;
    const giveBack = (): void => {
      if (!held) return;
      held = false;
      slots.give(slot);
      for (const chunk of pack.chunks) segments.leave(chunk.segment);
      emptied();
    };
    try {
      const row = await packs.write(
        keys,
        pack.chunks,
        dataPack,
        slot,
        (stored, result) => record(pack, stored, result),
        giveBack,
      );
      pack.resolve(row.seq);
    } catch (error) {
      pack.reject(error);
    } finally {
      giveBack();
      permits.give(permit);
      for (const chunk of pack.chunks) if (pending.get(hex(chunk.id)) === pack) pending.delete(hex(chunk.id));
    }
  };

  const flush = (): Promise<void> => {
    const pack = open;
    open = null;
    if (!pack) return Promise.resolve();
    const { promise: empty, resolve } = Promise.withResolvers<void>();
    filling.add(empty);
    const work = store(pack, () => {
      filling.delete(empty);
      resolve();
      // Its segments may be pinned by the open pack too, and those who would fill and seal that wait for one.
      if (segments.waiting() > 0) {
        segments.dropShared();
        void flush();
      }
    });
    running.add(work);
    void work.finally(() => running.delete(work));
    return work;
  };

  const place = async (key: string, segment: Segment, at: number, length: number, id: Uint8Array, move: boolean) => {
    const waiting = pending.get(key);
    if (waiting) return { pack: waiting.stored, deduplicated: length };
    const row = move ? null : catalogue.chunk(id);
    if (row && row.plain === length && health.pack(row.pack) !== 'damaged') {
      return { pack: Promise.resolve(row.pack), deduplicated: length };
    }
    if (open && (open.plain + length > capacity || open.chunks.length >= maxChunks)) {
      void flush();
      // No slot is free: wait for one, or packs would pile up in memory. Others may have opened a pack meanwhile.
      if (slots.free() === 0) await Promise.race(filling);
    }
    const again = pending.get(key);
    if (again) return { pack: again.stored, deduplicated: length };
    if (open && (open.plain + length > capacity || open.chunks.length >= maxChunks)) void flush();
    open ??= openPack();
    const pack = open;
    segment.users++;
    pack.chunks.push({ at, length, id, segment });
    pack.plain += length;
    pending.set(key, pack);
    // Somebody waits for a segment that only this pack can give back.
    if (segments.waiting() > 0 && filling.size === 0) void flush();
    return { pack: pack.stored, deduplicated: 0 };
  };

  return {
    segments,
    /** Put a chunk in the open pack, or find it, and pin it. `move` writes it again although it is there (compaction). */
    async add(segment: Segment, at: number, length: number, id: Uint8Array, move = false): Promise<Placed> {
      const key = hex(id);
      pin(key, 1);
      try {
        return await place(key, segment, at, length, id, move);
      } catch (error) {
        pin(key, -1);
        throw error;
      }
    },
    unpin: (id: Uint8Array): void => pin(hex(id), -1),
    pinned: (id: Uint8Array): boolean => pins.has(hex(id)),
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
