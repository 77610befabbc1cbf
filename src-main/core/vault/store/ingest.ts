import { hmacSha256 } from '#core/crypto/hash.ts';
import { cutRules, gearTable } from '../format/chunker.ts';
import type { VaultKeys } from '../format/keys.ts';
import type { ManifestChunk } from '../format/manifest.ts';
import { packCapacity, readBytes, segmentBytes, tailRoom } from '../pool/arena.ts';
import { createLender } from '../pool/lender.ts';
import type { VaultRow } from './catalogue.ts';
import type { Engine } from './engine.ts';
import { dataPack, type Packs } from './packs.ts';

export interface Source {
  /** Fills `target` from the front; fewer bytes than asked only at the end of the source, then 0. */
  read(target: Uint8Array): Promise<number>;
  /** For sources that are pushed to: resolves when `read` need not wait. No room of the arena is held until then. */
  ready?(): Promise<void>;
}

/** A stored file's chunks; all of them are durable. `release` lets go of their pins once the file's rows refer to them. */
export interface Stored {
  readonly size: number;
  readonly chunks: readonly ManifestChunk[];
  /** Bytes that were in the vault already. */
  readonly deduplicated: number;
  readonly packs: readonly number[];
  /** First bytes, to guess what the file is. */
  readonly head: Uint8Array;
}
/** Chunks are in packs; `stored` settles when the last of those packs is durable. */
export interface Ingested {
  readonly size: number;
  readonly stored: Promise<Stored>;
  release(): void;
}

interface OpenPack {
  readonly chunks: { at: number; length: number; id: Uint8Array; segment: Segment }[];
  plain: number;
  readonly stored: Promise<number>;
  resolve(seq: number): void;
  reject(error: unknown): void;
}
interface Segment {
  readonly at: number;
  users: number;
}
/** A file of this computer with the length it had when it was found. */
export interface SmallFile {
  readonly path: string;
  readonly size: number;
}
/** Files up to this long are read many at a time. */
export const smallBytes = 64 * 1024;
/** What is read at a time, in bytes and in files. */
export const batchBytes = 1024 * 1024;
export const batchFiles = 128;
const maxChunks = 4096;
const hex = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.length).toString('hex');

export type Ingest = ReturnType<typeof createIngest>;

/**
 * Streams bytes into packs: read into the arena, cut, look up, gather in the open pack, seal and store it in the
 * background. Bounded by the arena: a reader waits when segments or slots run out, whatever the file's size.
 */
export function createIngest(engine: Engine, packs: Packs, vault: VaultRow, keys: VaultKeys) {
  const { arena, pool, slots, catalogue, health } = engine;
  const gear = gearTable(keys.chunker);
  const capacity = packCapacity(vault.k, vault.m);
  // Two streams overlap reading and cutting; more would only share out the segments and close packs early.
  const lanes = createLender([0, 1]);
  const pending = new Map<string, OpenPack>();
  const pins = new Map<string, number>();
  const running = new Set<Promise<unknown>>();
  let open: OpenPack | null = null;
  let small: { segment: Segment; used: number } | null = null;
  // All segments are pinned by the open pack: seal it early, so that readers go on.
  const segments = createLender<number>(arena.segments, () => {
    dropSmall();
    void flush();
  });

  const takeSegment = async (): Promise<Segment> => ({ at: await segments.take(), users: 1 });
  const leave = (segment: Segment): void => {
    segment.users--;
    if (segment.users === 0) segments.give(segment.at);
  };
  const dropSmall = (): void => {
    const was = small;
    small = null;
    if (was) leave(was.segment);
  };
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

  const flush = (): Promise<void> => {
    const pack = open;
    open = null;
    if (!pack) return Promise.resolve();
    const work = (async () => {
      const slot = await slots.take();
      try {
        const row = await packs.write(keys, pack.chunks, dataPack, slot, (row, result) => {
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
            catalogue.run(
              'INSERT OR IGNORE INTO item_packs SELECT item, ? FROM item_packs WHERE pack = ?',
              row.seq,
              old,
            );
            catalogue.packTouched(old);
          }
        });
        pack.resolve(row.seq);
      } catch (error) {
        pack.reject(error);
      } finally {
        slots.give(slot);
        for (const chunk of pack.chunks) {
          if (pending.get(hex(chunk.id)) === pack) pending.delete(hex(chunk.id));
          leave(chunk.segment);
        }
      }
    })();
    running.add(work);
    void work.finally(() => {
      running.delete(work);
      // Its segments may be pinned by the open pack too, and those who would fill and seal that wait for one.
      if (segments.waiting() > 0) {
        dropSmall();
        void flush();
      }
    });
    return work;
  };

  /** Put a chunk in the open pack, or find it. `move` writes it again although it is there (compaction). */
  const add = async (segment: Segment, at: number, length: number, id: Uint8Array, move = false) => {
    const key = hex(id);
    pin(key, 1);
    try {
      return await place(key, segment, at, length, id, move);
    } catch (error) {
      pin(key, -1);
      throw error;
    }
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
      if (slots.free() === 0) await Promise.race(running);
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
    if (segments.waiting() > 0 && running.size === 0) void flush();
    return { pack: pack.stored, deduplicated: 0 };
  };

  const idOf = (at: number, length: number): Uint8Array => hmacSha256(keys.ids, arena.bytes.subarray(at, at + length));

  const collect = (head: Uint8Array) => {
    const chunks: ManifestChunk[] = [];
    const waits = new Set<Promise<number>>();
    let size = 0;
    let deduplicated = 0;
    return {
      add(id: Uint8Array, length: number, found: { pack: Promise<number>; deduplicated: number }) {
        chunks.push({ id, plain: length });
        waits.add(found.pack);
        size += length;
        deduplicated += found.deduplicated;
      },
      release() {
        for (const { id } of chunks) pin(hex(id), -1);
        chunks.length = 0;
      },
      done(): Ingested {
        const all = [...chunks];
        const stored = Promise.all(waits).then((seqs) => ({
          size,
          chunks: all,
          deduplicated,
          packs: [...new Set(seqs)],
          head,
        }));
        stored.catch(() => {});
        let released = false;
        return {
          size,
          stored,
          release() {
            if (!released) for (const { id } of all) pin(hex(id), -1);
            released = true;
          },
        };
      },
    };
  };

  /** Room in the segment that small files and moved chunks share. The caller leaves the segment when done. */
  const shareSegment = async (room: number): Promise<{ segment: Segment; at: number }> => {
    for (;;) {
      if (small && small.used + room > segmentBytes) dropSmall();
      if (!small) {
        const segment = await takeSegment();
        if (small) leave(segment);
        else small = { segment, used: 0 };
      }
      const mine = small as { segment: Segment; used: number };
      if (mine.used + room > segmentBytes) continue;
      const at = mine.segment.at + mine.used;
      mine.used += Math.ceil(room / 16) * 16;
      mine.segment.users++;
      return { segment: mine.segment, at };
    }
  };

  /** A small file is one chunk, found and named without a worker. */
  const ingestSmall = async (length: number, source: Source): Promise<Ingested | null> => {
    // One byte more tells that the file has grown since it was measured.
    const room = length + 1;
    const { segment, at } = await shareSegment(room);
    try {
      const got = await source.read(arena.bytes.subarray(at, at + room));
      if (got > length) return null;
      const parts = collect(arena.bytes.slice(at, at + Math.min(got, 64)));
      if (got > 0) {
        const id = idOf(at, got);
        parts.add(id, got, await add(segment, at, got, id));
      }
      return parts.done();
    } finally {
      leave(segment);
    }
  };

  /** Many small files in one step of a worker. An entry is null for a file that has grown, a system code for one that fails. */
  const ingestMany = async (files: readonly SmallFile[]): Promise<(Ingested | null | { code: string })[]> => {
    const aligned = (length: number): number => Math.ceil((length + 1) / 16) * 16;
    const { segment, at } = await shareSegment(files.reduce((sum, f) => sum + aligned(f.size), 0));
    const out: (Ingested | null | { code: string })[] = [];
    try {
      let next = at;
      const regions = files.map(({ path, size }) => {
        const region = { path, at: next, room: size + 1 };
        next += aligned(size);
        return region;
      });
      const loaded = await pool.run({ kind: 'load', files: regions, idKey: keys.ids });
      for (const [i, file] of loaded.files.entries()) {
        const region = regions[i];
        if (!region) continue;
        if ('code' in file) {
          out.push(file);
        } else if (file.got >= region.room) {
          out.push(null);
        } else {
          const parts = collect(arena.bytes.slice(region.at, region.at + Math.min(file.got, 64)));
          if (file.got > 0) parts.add(file.id, file.got, await add(segment, region.at, file.got, file.id));
          out.push(parts.done());
        }
      }
      return out;
    } catch (error) {
      for (const done of out) if (done && 'release' in done) done.release();
      throw error;
    } finally {
      leave(segment);
    }
  };

  const ingestStream = async (
    source: Source,
    onBytes: (n: number) => void,
    signal?: AbortSignal,
  ): Promise<Ingested> => {
    let parts: ReturnType<typeof collect> | null = null;
    await source.ready?.();
    let segment = await takeSegment();
    let tail = 0;
    try {
      let got = await source.read(arena.bytes.subarray(segment.at + tailRoom, segment.at + tailRoom + readBytes));
      parts = collect(arena.bytes.slice(segment.at + tailRoom, segment.at + tailRoom + Math.min(got, 64)));
      for (;;) {
        signal?.throwIfAborted();
        onBytes(got);
        const final = got < readBytes;
        const at = segment.at + tailRoom - tail;
        const length = tail + got;
        if (length === 0) break;
        // Read on while a worker cuts what is here. The next segment is asked for only when one is free at once or
        // after this one's chunks are placed, so that readers never wait for each other in a ring.
        const scanning = pool.run({ kind: 'scan', at, length, final, gear, idKey: keys.ids });
        const ahead = !final && !source.ready && segments.free() > 0 ? readAhead(source) : null;
        // It may fail while the worker cuts or a slot is waited for; it is looked at after that.
        ahead?.catch(() => {});
        let result: Awaited<typeof scanning>;
        try {
          result = await scanning;
        } catch (error) {
          await ahead?.then((next) => leave(next.segment)).catch(() => {});
          throw error;
        }
        let used = 0;
        try {
          for (const chunk of result.chunks) {
            parts.add(chunk.id, chunk.length, await add(segment, at + used, chunk.length, chunk.id));
            used += chunk.length;
          }
        } catch (error) {
          await ahead?.then((next) => leave(next.segment)).catch(() => {});
          throw error;
        }
        if (final) break;
        tail = length - used;
        const kept = arena.bytes.subarray(at + used, at + length);
        if (ahead) {
          const next = await ahead;
          arena.bytes.set(kept, next.segment.at + tailRoom - tail);
          leave(segment);
          segment = next.segment;
          got = next.got;
        } else {
          const copy = kept.slice();
          leave(segment);
          segment = { at: -1, users: 0 };
          await source.ready?.();
          segment = await takeSegment();
          arena.bytes.set(copy, segment.at + tailRoom - tail);
          got = await source.read(arena.bytes.subarray(segment.at + tailRoom, segment.at + tailRoom + readBytes));
        }
      }
      return parts.done();
    } catch (error) {
      parts?.release();
      throw error;
    } finally {
      if (segment.at >= 0) leave(segment);
    }
  };

  const readAhead = async (source: Source): Promise<{ segment: Segment; got: number }> => {
    const segment = await takeSegment();
    try {
      return {
        segment,
        got: await source.read(arena.bytes.subarray(segment.at + tailRoom, segment.at + tailRoom + readBytes)),
      };
    } catch (error) {
      leave(segment);
      throw error;
    }
  };

  return {
    /**
     * Take a file's bytes in. `expected` is a hint: files below the smallest chunk take a short way, and are opened again
     * when they turn out to have grown.
     */
    async file(
      expected: number,
      open: () => Source,
      onBytes: (n: number) => void,
      signal?: AbortSignal,
    ): Promise<Ingested> {
      if (expected <= cutRules.min) {
        const source = open();
        await source.ready?.();
        const done = await ingestSmall(expected, source);
        if (done) {
          onBytes(done.size);
          return done;
        }
      }
      const source = open();
      if (source.ready) return ingestStream(source, onBytes, signal);
      const lane = await lanes.take();
      try {
        return await ingestStream(source, onBytes, signal);
      } finally {
        lanes.give(lane);
      }
    },
    /** Take small files of this computer in; together at most {@link batchBytes}, {@link smallBytes} each. */
    many: ingestMany,
    /** Write a chunk that is in the vault again into the open pack. */
    async move(id: Uint8Array, plain: Uint8Array): Promise<{ done: Promise<number> }> {
      const { segment, at } = await shareSegment(plain.length);
      try {
        arena.bytes.set(plain, at);
        const { pack } = await add(segment, at, plain.length, id, true);
        return { done: pack.finally(() => pin(hex(id), -1)) };
      } finally {
        leave(segment);
      }
    },
    /** Seal the open pack now and wait for every pack under way. */
    async drain(): Promise<void> {
      dropSmall();
      void flush();
      while (running.size > 0) await Promise.allSettled(running);
    },
    /** Seal the open pack now; its files learn of it by their own promise. */
    flush(): void {
      dropSmall();
      void flush();
    },
    pinned: (id: Uint8Array): boolean => pins.has(hex(id)),
    busy: () => running.size > 0 || open !== null,
  };
}
