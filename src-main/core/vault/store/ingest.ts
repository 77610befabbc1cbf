import { freeNow } from '#core/crypto/free.ts';
import { hmacSha256 } from '#core/crypto/hash.ts';
import { cutRules, gearTable } from '../format/chunker.ts';
import type { VaultKeys } from '../format/keys.ts';
import type { ManifestChunk } from '../format/manifest.ts';
import { readBytes, tailRoom } from '../pool/arena.ts';
import { createLender } from '../pool/lender.ts';
import { changed, idBytes } from '../pool/load.ts';
import type { ScanResult } from '../pool/scan.ts';
import type { VaultRow } from './catalogue.ts';
import type { Engine } from './engine.ts';
import { createPacker, type Destination, type Placed } from './packer.ts';
import type { Packs } from './packs.ts';
import type { Segment } from './segments.ts';

/**
 * An open file of this computer, read from its front by the workers; `size` as it had when it was opened: one that goes on growing
 * is given up as {@link changed}. `failed` makes the error from that or the system's code.
 */
export interface FileSource {
  readonly fd: number;
  readonly size: number;
  failed(code: string): unknown;
}
/** Bytes that somebody pushes. */
export interface PushedSource {
  /** Fills `target` from the front; fewer bytes than asked only at the end of the source, then 0. */
  read(target: Uint8Array): Promise<number>;
  /** Resolves when `read` need not wait. No room of the arena is held until then. */
  ready(): Promise<void>;
}
export type Source = FileSource | PushedSource;

/** A file's chunks in order. */
export interface Stored {
  readonly size: number;
  readonly chunks: readonly ManifestChunk[];
  /** Bytes that were in the vault already. */
  readonly deduplicated: number;
  /** First bytes, to guess what the file is. */
  readonly head: Uint8Array;
}
/** A file whose chunks are in packs. `release` lets go of their pins once the file's rows refer to them. */
export interface Ingested {
  readonly file: Stored;
  /** Resolves when the rows of all those packs come next in the group of commits, and the file's may follow. */
  readonly recording: Promise<unknown>;
  /** Resolves when all those packs are durable. */
  readonly stored: Promise<unknown>;
  release(): void;
}
/** A file of one chunk or none. Many share a `pack`: who waits for them waits once. */
export interface SmallIngested {
  readonly file: Stored;
  /** Null for a file without bytes. */
  readonly pack: Destination | null;
}

/** A file of this computer with the length it had when it was found. */
export interface SmallFile {
  readonly path: string;
  readonly size: number;
}
/** Files up to this long are one chunk, and are read many at a time. */
export const smallBytes = cutRules.min;
/** What is read at a time, in bytes and in files. */
export const batchBytes = 1024 * 1024;
export const batchFiles = 128;
/** Kept of a file's front to tell what it is. */
const headBytes = 64;

export type Ingest = ReturnType<typeof createIngest>;

/**
 * Streams bytes into packs: read into the arena, cut, look up, gather in the open pack, seal and store it in the
 * background. Bounded by the arena: a reader waits when segments or slots run out, whatever the file's size.
 */
export function createIngest(engine: Engine, packs: Packs, vault: VaultRow, keys: VaultKeys) {
  const { arena, pool } = engine;
  const packer = createPacker(engine, packs, vault, keys);
  const { segments } = packer;
  const gear = gearTable(keys.chunker);
  // Two streams overlap reading and cutting; more would only share out the segments and close packs early.
  const lanes = createLender([0, 1]);

  const headOf = (at: number, got: number): Uint8Array => arena.bytes.slice(at, at + Math.min(got, headBytes));

  const collect = (head: Uint8Array) => {
    const chunks: ManifestChunk[] = [];
    const packs = new Set<Destination>();
    let size = 0;
    let deduplicated = 0;
    let released = false;
    const release = (): void => {
      if (!released) for (const { id } of chunks) packer.unpin(id);
      released = true;
    };
    return {
      add(id: Uint8Array, length: number, found: Placed) {
        chunks.push({ id, plain: length });
        packs.add(found.pack);
        size += length;
        deduplicated += found.deduplicated;
      },
      release,
      done(): Ingested {
        const recording = Promise.all([...packs].map((pack) => pack.recording));
        const stored = Promise.all([...packs].map((pack) => pack.stored));
        recording.catch(() => {});
        stored.catch(() => {});
        return { file: { size, chunks, deduplicated, head }, recording, stored, release };
      },
    };
  };

  /** A small pushed file is one chunk, found and named without a worker. Null when it is longer than was said. */
  const ingestSmall = async (length: number, source: PushedSource): Promise<Ingested | null> => {
    // One byte more tells that the file has grown since it was measured.
    const room = length + 1;
    const { segment, at } = await segments.share(room);
    try {
      const got = await source.read(arena.bytes.subarray(at, at + room));
      if (got > length) return null;
      const parts = collect(headOf(at, got));
      if (got > 0) {
        const id = hmacSha256(keys.ids, arena.bytes.subarray(at, at + got));
        parts.add(id, got, await packer.add(segment, at, got, id));
      }
      return parts.done();
    } finally {
      segments.leave(segment);
    }
  };

  /** Many small files in one step of a worker. An entry is null for a file that has grown, a system code for one that fails. */
  const ingestMany = async (files: readonly SmallFile[]): Promise<(SmallIngested | null | { code: string })[]> => {
    const count = files.length;
    const room = Uint32Array.from(files, ({ size }) => size + 1);
    const at = new Uint32Array(count);
    let total = 0;
    for (const [i, length] of room.entries()) {
      at[i] = total;
      total += Math.ceil(length / 16) * 16;
    }
    const out: (SmallIngested | null | { code: string })[] = [];
    const { segment, at: start } = await segments.share(total);
    try {
      for (let i = 0; i < count; i++) at[i] = (at[i] ?? 0) + start;
      const paths = files.map(({ path }) => path);
      const { got, ids, codes } = await pool.run({ kind: 'load', paths, at, room, idKey: keys.ids });
      const heads = new Uint8Array(count * headBytes);
      for (let i = 0; i < count; i++) {
        const size = got[i] ?? -1;
        const from = at[i] ?? 0;
        if (size < 0) {
          out.push({ code: codes.get(i) ?? 'EIO' });
        } else if (size >= (room[i] ?? 0)) {
          out.push(null);
        } else {
          const head = heads.subarray(i * headBytes, i * headBytes + Math.min(size, headBytes));
          head.set(arena.bytes.subarray(from, from + head.length));
          if (size === 0) {
            out.push({ file: { size, chunks: [], deduplicated: 0, head }, pack: null });
            continue;
          }
          const id = ids.subarray(i * idBytes, (i + 1) * idBytes);
          const adding = packer.add(segment, from, size, id);
          const { pack, deduplicated } = 'then' in adding ? await adding : adding;
          out.push({ file: { size, chunks: [{ id, plain: size }], deduplicated, head }, pack });
        }
      }
      return out;
    } catch (error) {
      for (const done of out) if (done && 'file' in done) releaseSmall(done);
      throw error;
    } finally {
      segments.leave(segment);
    }
  };
  const releaseSmall = ({ file }: SmallIngested): void => {
    for (const { id } of file.chunks) packer.unpin(id);
  };

  /** Fill a segment behind its tail and cut what is there. `got` below {@link readBytes} means that the source has ended. */
  const scan = async (source: Source, segment: Segment, tail: number, position: number): Promise<ScanResult> => {
    const at = segment.at + tailRoom;
    const job = { kind: 'scan', at: at - tail, tail, gear, idKey: keys.ids } as const;
    if ('fd' in source) {
      const result = await pool.run({ ...job, fill: { fd: source.fd, position, length: readBytes } });
      if (result.code !== null) throw source.failed(result.code);
      return result;
    }
    const got = await source.read(arena.bytes.subarray(at, at + readBytes));
    return pool.run({ ...job, fill: { got, final: got < readBytes } });
  };

  const ingestStream = async (
    source: Source,
    onBytes: (n: number) => void,
    signal?: AbortSignal,
  ): Promise<Ingested> => {
    let parts: ReturnType<typeof collect> | null = null;
    let segment: Segment | null = null;
    let position = 0;
    try {
      if ('ready' in source) await source.ready();
      segment = await segments.take();
      for (let tail = 0; ; ) {
        signal?.throwIfAborted();
        const { got, chunks } = await scan(source, segment, tail, position);
        position += got;
        // Some file systems know no sizes; at least one read is always taken.
        if ('fd' in source && position > Math.max(source.size, readBytes)) throw source.failed(changed);
        onBytes(got);
        parts ??= collect(headOf(segment.at + tailRoom, got));
        let at = segment.at + tailRoom - tail;
        const end = segment.at + tailRoom + got;
        for (const chunk of chunks) {
          parts.add(chunk.id, chunk.length, await packer.add(segment, at, chunk.length, chunk.id));
          at += chunk.length;
        }
        if (got < readBytes) return parts.done();
        tail = end - at;
        // Not while holding this one, unless one is free at once: readers would wait for each other in a ring.
        if ('fd' in source && segments.free() > 0) {
          const next = await segments.take();
          arena.bytes.copyWithin(next.at + tailRoom - tail, at, end);
          segments.leave(segment);
          segment = next;
        } else {
          const kept = arena.bytes.slice(at, end);
          segments.leave(segment);
          segment = null;
          if ('ready' in source) await source.ready();
          segment = await segments.take();
          arena.bytes.set(kept, segment.at + tailRoom - tail);
          freeNow(kept);
        }
      }
    } catch (error) {
      parts?.release();
      throw error;
    } finally {
      if (segment) segments.leave(segment);
    }
  };

  return {
    /**
     * Take a file's bytes in. `expected` is a hint: pushed files below the smallest chunk take a short way, and are asked
     * for again when they turn out to be longer.
     */
    async file(
      expected: number,
      open: () => Source,
      onBytes: (n: number) => void,
      signal?: AbortSignal,
    ): Promise<Ingested> {
      const source = open();
      if ('fd' in source) {
        const lane = await lanes.take();
        try {
          return await ingestStream(source, onBytes, signal);
        } finally {
          lanes.give(lane);
        }
      }
      if (expected > smallBytes) return ingestStream(source, onBytes, signal);
      await source.ready();
      const done = await ingestSmall(expected, source);
      if (!done) return ingestStream(open(), onBytes, signal);
      onBytes(done.file.size);
      return done;
    },
    /** Take small files of this computer in; together at most {@link batchBytes}, {@link smallBytes} each. */
    many: ingestMany,
    /** As {@link Ingested.release}, of a small file. */
    release: releaseSmall,
    /** Write a chunk that is in the vault again into the open pack. */
    async move(id: Uint8Array, plain: Uint8Array): Promise<{ done: Promise<number> }> {
      const { segment, at } = await segments.share(plain.length);
      try {
        arena.bytes.set(plain, at);
        const { pack } = await packer.add(segment, at, plain.length, id, true);
        return { done: pack.stored.finally(() => packer.unpin(id)) };
      } finally {
        segments.leave(segment);
      }
    },
    drain: packer.drain,
    flush: packer.flush,
    pinned: packer.pinned,
    busy: packer.busy,
  };
}
