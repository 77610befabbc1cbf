import { type FileHandle, open, rm, utimes } from 'node:fs/promises';
import { freeNow } from '#core/crypto/free.ts';
import type { Session } from '../core.ts';
import { damaged, throwIfAborted } from '../failures.ts';
import type { ManifestChunk } from '../format/manifest.ts';
import { readRegionBytes } from '../pool/arena.ts';
import { type WholeFile, writeWhole } from '../pool/deliver.ts';
import { giveName, isTaken } from '../pool/give-name.ts';
import type { ChunkRow } from '../store/catalogue.ts';
import { smallBytes } from '../store/ingest.ts';
import type { Node } from '../tree.ts';
import { createLimiter } from './limiter.ts';
import { manifestOf } from './read.ts';

/** A file of the vault and where it is to be written. */
export interface Errand {
  readonly node: Node;
  readonly path: string;
  /** Another path, for when somebody else has taken the ones before meanwhile. */
  another(): string;
}
/** Told of each file when it is whole, or cannot be had; and of bytes as they are written. */
export interface Deliverer {
  /** `path`: where it was written. */
  done(errand: Errand, path: string): void;
  failed(errand: Errand, error: unknown): void;
  wrote(bytes: number): void;
}
interface Small {
  readonly errand: Errand;
  readonly chunk: ChunkRow;
}

/** Small files looked at together, so that those of one pack are read at once. */
const batchFiles = 1024;
/** Unwanted bytes between two chunks that are read along rather than asking again. */
const gapBytes = 64 * 1024;
/** Larger files under way at a time, and chunks of each: the arena bounds them further. */
const filesAtOnce = 4;
const chunksAtOnce = 3;
/** Names tried for a file while others take them. */
const mostNames = 100;

/**
 * Writes files of the vault to this computer. Each is whole under its own name, or not there, and never in the place of
 * what is, or comes, there; making them durable is left to the caller, once for all. Damage is reported file by file; whatever else goes wrong (a full disk) stops
 * the rest and is thrown by `add` or `finish`.
 *
 * @param temporary gives a new path on the file system that is written to, for a file that is not whole yet
 */
export function createDelivery(session: Session, temporary: () => string, signal: AbortSignal, to: Deliverer) {
  const { catalogue, packs, keys } = session;
  const large = createLimiter(filesAtOnce);
  const runs = createLimiter(filesAtOnce);
  let small: Small[] = [];

  const whole = ({ node, path }: Errand): WholeFile => ({
    path,
    temporary: temporary(),
    modified: node.modified / 1000,
  });
  const rowOf = (chunk: ManifestChunk): ChunkRow => {
    const row = catalogue.chunk(chunk.id);
    if (!row || row.plain !== chunk.plain) throw damaged('This file');
    return row;
  };

  /** Chunk by chunk into the open file; what cannot be delivered straight is rebuilt from parity and written here. */
  const fill = async (handle: FileHandle, chunks: readonly ManifestChunk[], onBytes: (n: number) => void) => {
    const pieces = createLimiter(chunksAtOnce);
    let position = 0;
    const write = async (chunk: ManifestChunk, at: number): Promise<void> => {
      session.signal.throwIfAborted();
      throwIfAborted(signal);
      const row = rowOf(chunk);
      const [result] = (await packs.deliver(keys, [{ chunk: row, to: { fd: handle.fd, position: at } }])) ?? [];
      if (typeof result === 'object') throw Object.assign(new Error(result.code), { code: result.code });
      if (result !== 'written') {
        const plain = await packs.readChunk(keys, row);
        for (let from = 0; from < plain.length; ) {
          from += (await handle.write(plain, from, plain.length - from, at + from)).bytesWritten;
        }
        freeNow(plain);
      }
      onBytes(chunk.plain);
    };
    try {
      for (const chunk of chunks) {
        const at = position;
        position += chunk.plain;
        await pieces.run(() => write(chunk, at));
      }
    } finally {
      await pieces.idle();
    }
    pieces.throwIfFailed();
  };

  /** Give a written file its name, or the next that is free. */
  const settle = (errand: Errand, temporary: string): string => {
    for (let path = errand.path, tries = 0; ; path = errand.another(), tries++) {
      try {
        giveName(temporary, path);
        return path;
      } catch (error) {
        if (!isTaken(error) || tries === mostNames) throw error;
      }
    }
  };

  const writeLarge = async (errand: Errand): Promise<void> => {
    const { temporary, modified } = whole(errand);
    let handle: FileHandle | undefined;
    let written = 0;
    try {
      const chunks = manifestOf(session, errand.node.id);
      handle = await open(temporary, 'wx', 0o644);
      await fill(handle, chunks, (n) => {
        written += n;
        to.wrote(n);
      });
      await handle.close();
      handle = undefined;
      await utimes(temporary, new Date(), modified).catch(() => {});
      to.done(errand, settle(errand, temporary));
    } catch (error) {
      await handle?.close().catch(() => {});
      await rm(temporary, { force: true }).catch(() => {});
      to.wrote(-written);
      to.failed(errand, error);
    }
  };

  const writeRun = async (run: readonly Small[]): Promise<void> => {
    const results = await packs.deliver(
      keys,
      run.map(({ errand, chunk }) => ({ chunk, to: whole(errand) })),
    );
    for (const [i, { errand, chunk }] of run.entries()) {
      const result = results?.[i] ?? 'damaged';
      if (result === 'written') {
        to.wrote(chunk.plain);
        to.done(errand, errand.path);
      } else if (result === 'damaged' || isTaken(result)) {
        // Not readable straight from its shards: this way it is rebuilt, or told to be lost. Or its name was taken
        // meanwhile: this way it gets another.
        await large.run(() => writeLarge(errand));
      } else {
        to.failed(errand, Object.assign(new Error(result.code), { code: result.code }));
      }
    }
  };

  /** Chunks that lie close together in one pack are read at once. */
  const flush = async (): Promise<void> => {
    const batch = small.sort((a, b) => a.chunk.pack - b.chunk.pack || a.chunk.offset - b.chunk.offset);
    small = [];
    for (let i = 0; i < batch.length; ) {
      const first = batch[i] as Small;
      let end = first.chunk.offset + first.chunk.sealed;
      const run = [first];
      for (i++; i < batch.length; i++) {
        const next = batch[i] as Small;
        const nextEnd = next.chunk.offset + next.chunk.sealed;
        if (next.chunk.pack !== first.chunk.pack || next.chunk.offset < end) break;
        if (next.chunk.offset > end + gapBytes || nextEnd - first.chunk.offset > readRegionBytes) break;
        end = nextEnd;
        run.push(next);
      }
      session.signal.throwIfAborted();
      throwIfAborted(signal);
      await runs.run(() => writeRun(run));
    }
  };

  const add = async (errand: Errand): Promise<void> => {
    const { node } = errand;
    if (node.size <= smallBytes) {
      try {
        const [chunk, more] = manifestOf(session, node.id);
        if (!chunk) {
          writeWhole(whole(errand), new Uint8Array(0));
          return to.done(errand, errand.path);
        }
        if (!more) {
          small.push({ errand, chunk: rowOf(chunk) });
          if (small.length >= batchFiles) await flush();
          return;
        }
      } catch (error) {
        if (!isTaken(error)) return to.failed(errand, error);
      }
    }
    await large.run(() => writeLarge(errand));
  };

  return {
    /** Take a file on; waits while enough are under way. @throws what `failed` threw, and when aborted */
    add,
    /** Resolves when every file taken on is written or reported. @throws as `add` */
    async finish(): Promise<void> {
      await flush();
      await runs.idle();
      await large.idle();
      runs.throwIfFailed();
      large.throwIfFailed();
    },
    /** Resolves when nothing is being written any more, whatever went wrong before. */
    async idle(): Promise<void> {
      await runs.idle();
      await large.idle();
    },
  };
}
