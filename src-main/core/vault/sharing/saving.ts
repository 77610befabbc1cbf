import { type FileHandle, mkdir, open, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskContext } from '#core/broker/handlers.ts';
import { syncDirectory } from '#core/store/atomic-file.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { commitOne, createCommitter, type Entry, newItemId } from '../commit.ts';
import type { Core, Session } from '../core.ts';
import { targetFull, throwIfAborted } from '../failures.ts';
import { freeName, safeFileName } from '../names.ts';
import { isFull } from '../places/places.ts';
import { giveName, isTaken } from '../pool/give-name.ts';
import { createPipe } from '../service/uploads.ts';
import type { Ingested } from '../store/ingest.ts';
import type { Fetching, Found } from './fetching.ts';
import type { Taken } from './records.ts';

export interface Saved {
  readonly items: ItemId[];
  readonly files: number;
  readonly bytes: number;
}

/** Progress over all files, as bytes arrive. */
function counter(context: TaskContext) {
  let done = 0;
  return {
    add(n: number): void {
      done += n;
      context.progress(done);
    },
    get done() {
      return done;
    },
  };
}

const heldMost = 200;
const heldBytesMost = 32 * 1024 * 1024;
const platform = process.platform === 'win32' ? 'win32' : 'posix';

/** Fetch files and folders of a share into the person's own vault. What is saved before it breaks off stays. */
export async function saveToVault(
  core: Core,
  session: Session,
  fetching: Fetching,
  fresh: () => Taken,
  items: readonly ItemId[],
  into: string | null,
  context: TaskContext,
): Promise<Saved> {
  const signal = AbortSignal.any([context.signal, session.signal]);
  const count = counter(context);
  const commit = createCommitter(core, session);
  const tops: ItemId[] = [];
  let files = 0;
  const folders = new Map<string, string | null>();
  const keyOf = (path: readonly string[]): string => path.join('/');
  /** Files that have come and are shown together: each alone would wait for a pack of its own. */
  let held: { readonly entry: Entry; readonly done: Ingested; readonly top: boolean }[] = [];
  let heldBytes = 0;
  const show = async (): Promise<void> => {
    const batch = held;
    held = [];
    heldBytes = 0;
    try {
      session.ingest.flush();
      await Promise.all(batch.map(({ done }) => done.stored));
      const outcomes = await commit(batch.map(({ entry }) => entry));
      for (const [i, outcome] of outcomes.entries()) {
        if ('failure' in outcome) throw outcome.failure;
        if (outcome.node === null) continue;
        files++;
        if (batch[i]?.top) tops.push(outcome.node.id as ItemId);
      }
    } finally {
      for (const { done } of batch) done.release();
    }
  };
  try {
    for await (const { entry, path } of fetching.walk(fresh, items, signal)) {
      const resting = context.rest();
      if (resting !== null) {
        await show();
        await resting;
      }
      throwIfAborted(context.signal);
      const top = path.length === 1;
      const parent = top ? into : (folders.get(keyOf(path.slice(0, -1))) ?? into);
      const { name, modified } = entry;
      const shown = { id: newItemId(core), parent, name, modified, clash: 'both' } as const;
      if (entry.kind === 'folder') {
        const node = await commitOne(core, session, { ...shown, stored: null });
        if (node === null) continue;
        folders.set(keyOf(path), node.id);
        if (top) tops.push(node.id as ItemId);
        continue;
      }
      const done = await ingest(session, fetching, fresh, entry.id, entry.size, count.add, signal);
      held.push({ entry: { ...shown, stored: done.file }, done, top });
      heldBytes += entry.size;
      if (held.length >= heldMost || heldBytes >= heldBytesMost) await show();
    }
    await show();
  } finally {
    for (const { done } of held) done.release();
  }
  return { items: tops, files, bytes: count.done };
}

async function ingest(
  session: Session,
  fetching: Fetching,
  fresh: () => Taken,
  item: ItemId,
  size: number,
  add: (n: number) => void,
  signal: AbortSignal,
): Promise<Ingested> {
  const pipe = createPipe();
  const ingested = session.ingest.file(
    size,
    () => pipe.source,
    () => {},
    session.signal,
  );
  ingested.catch((error: unknown) => pipe.fail(error));
  try {
    for await (const piece of fetching.read(fresh, item, 0, size, signal)) {
      const length = piece.length;
      await pipe.push(piece);
      add(length);
    }
    pipe.end();
    return await ingested;
  } catch (error) {
    pipe.fail(error);
    ingested.then((done) => done.release()).catch(() => {});
    throw error;
  }
}

/**
 * Write files and folders of a share to a directory of this computer. Each file is whole under its own name or not there, and
 * nothing that is there is touched.
 *
 * @param to a directory that is there @param temporary gives new paths on the same file system
 */
export async function saveToDirectory(
  fetching: Fetching,
  fresh: () => Taken,
  items: readonly ItemId[],
  to: string,
  temporary: () => string,
  context: TaskContext,
): Promise<{ files: number; bytes: number }> {
  const count = counter(context);
  const folders = new Map<string, string>();
  const used = new Map<string, Set<string>>();
  const directories = new Set<string>([to]);
  let files = 0;
  const keyOf = (path: readonly string[]): string => path.join('/');
  /** A name that no other of the same folder got, as any file system would tell them apart. */
  const nameIn = (directory: string, name: string): string => {
    const taken = used.get(directory) ?? new Set<string>();
    used.set(directory, taken);
    const free = freeName(safeFileName(name, platform), (one) => taken.has(one.normalize('NFC').toLowerCase()));
    taken.add(free.normalize('NFC').toLowerCase());
    return free;
  };
  const place = async ({ entry, path }: Found): Promise<void> => {
    const directory = path.length === 1 ? to : (folders.get(keyOf(path.slice(0, -1))) ?? to);
    if (entry.kind === 'folder') {
      const own = await newDirectory(directory, () => nameIn(directory, entry.name));
      folders.set(keyOf(path), own);
      directories.add(own);
      return;
    }
    const part = temporary();
    let handle: FileHandle | null = null;
    try {
      handle = await open(part, 'wx', 0o644);
      for await (const piece of fetching.read(fresh, entry.id, 0, entry.size, context.signal)) {
        for (let from = 0; from < piece.length; ) from += (await handle.write(piece, from)).bytesWritten;
        count.add(piece.length);
      }
      await handle.datasync();
      await handle.close();
      handle = null;
      await utimes(part, new Date(), entry.modified / 1000).catch(() => {});
      for (let tries = 0; ; tries++) {
        try {
          giveName(part, join(directory, nameIn(directory, entry.name)));
          break;
        } catch (error) {
          if (!isTaken(error) || tries >= 100) throw error;
        }
      }
      files++;
    } catch (error) {
      throw isFull(error) ? targetFull(to) : error;
    } finally {
      await handle?.close().catch(() => {});
      await rm(part, { force: true }).catch(() => {});
    }
  };
  for await (const found of fetching.walk(fresh, items, context.signal)) {
    await context.rest();
    throwIfAborted(context.signal);
    await place(found);
  }
  for (const directory of directories) await syncDirectory(directory);
  return { files, bytes: count.done };
}

async function newDirectory(within: string, name: () => string): Promise<string> {
  for (let tries = 0; ; tries++) {
    const path = join(within, name());
    try {
      await mkdir(path, 0o777);
      return path;
    } catch (error) {
      if (!isTaken(error) || tries >= 100) throw error;
    }
  }
}
