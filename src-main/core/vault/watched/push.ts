import { type FileHandle, open } from 'node:fs/promises';
import { createCommitter, type Entry, newItemId } from '../commit.ts';
import { isUnchanged, sourceFlags } from '../pool/load.ts';
import { batchBytes, batchFiles, type Ingested, type Stored, smallBytes } from '../store/ingest.ts';
import { manifestFits } from '../store/publish.ts';
import type { Found } from './local/scan.ts';
import { settle } from './plan/steps.ts';
import { nameOf } from './plan/trees.ts';
import { problems } from './problem.ts';
import { agree, chunksOf, folderFor, nodeAt, type Site, sameChunks } from './site.ts';
import { doSmall } from './small-steps.ts';

/** Files whose bytes are in before they are shown in one transaction. */
const mostFiles = 512;
const mostBytes = 64 * 1024 * 1024;

/** Files read at the same time, or batches of small ones: hides the latency of opening many. */
const readers = 3;

interface Read {
  readonly path: string;
  readonly found: Found;
  readonly file: Stored;
  /** Resolves when its bytes are durable. */
  readonly stored: Promise<unknown>;
  release(): void;
}

/** Somebody writes to the file, or it cannot be read; not the vault's fault. */
class Unread extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

/**
 * Read files of this computer and settle what is done with each: most go to the vault, some turn out to be what is there, some make a
 * conflict. What comes back written down is durable in the vault. While the bytes of some are on their way to the places, the next
 * ones are read.
 *
 * @throws what the vault throws when it takes no more: nothing of that batch is shown then
 */
export async function pushAll(site: Site, paths: readonly string[]): Promise<void> {
  const wanted = paths.flatMap((path) => {
    const found = site.local.get(path);
    return found?.kind === 'file' ? [{ path, found }] : [];
  });
  const queue = wanted.values();
  let next = queue.next().value;
  const take = (): Wanted | undefined => {
    const one = next;
    next = queue.next().value;
    return one;
  };
  let before: Promise<void> = Promise.resolve();
  try {
    while (next) {
      const batch = await readBatch(site, { peek: () => next, take });
      try {
        await before;
      } catch (error) {
        releaseAll(batch);
        throw error;
      }
      before = show(site, batch);
      // Whoever comes next waits for it, or the end does.
      before.catch(() => {});
    }
  } finally {
    await before;
  }
}

const releaseAll = (batch: readonly Read[]): void => {
  for (const { release } of batch) release();
};

async function show(site: Site, batch: readonly Read[]): Promise<void> {
  try {
    await Promise.all(batch.map(({ stored }) => stored));
    await showAll(site, batch);
  } finally {
    releaseAll(batch);
  }
  site.advance(batch.length);
}

interface Wanted {
  readonly path: string;
  readonly found: Found;
}
interface Queue {
  peek(): Wanted | undefined;
  take(): Wanted | undefined;
}

/** What of it is not in the vault yet is on its way there when this resolves. */
async function readBatch(site: Site, queue: Queue): Promise<Read[]> {
  const batch: Read[] = [];
  let files = 0;
  let bytes = 0;
  const full = (): boolean => files >= mostFiles || bytes >= mostBytes;
  /** Many small ones, or one that is not. */
  const takeSome = (): Wanted[] => {
    const some: Wanted[] = [];
    let room = batchBytes - smallBytes;
    for (let one = queue.peek(); one && some.length < batchFiles; one = queue.peek()) {
      const isSmall = one.found.size <= smallBytes;
      if (some.length > 0 && (!isSmall || one.found.size > room)) break;
      queue.take();
      some.push(one);
      files++;
      bytes += one.found.size;
      room -= one.found.size;
      if (!isSmall) break;
    }
    return some;
  };
  const work = async (): Promise<void> => {
    while (!full()) {
      site.signal.throwIfAborted();
      const some = takeSome();
      const [first] = some;
      if (!first) return;
      const read = first.found.size > smallBytes ? await readOne(site, first) : await readSmall(site, some);
      batch.push(...read);
    }
  };
  const done = await Promise.allSettled(Array.from({ length: readers }, work));
  const failed = done.find((one) => one.status === 'rejected');
  if (failed) {
    releaseAll(batch);
    throw failed.reason;
  }
  site.session.ingest.flush();
  return batch;
}

async function readSmall(site: Site, some: readonly Wanted[]): Promise<Read[]> {
  const { ingest } = site.session;
  const taken = await ingest.many(some.map(({ found }) => ({ path: site.disk.full(found.disk), size: found.size })));
  const out: Read[] = [];
  for (const [i, done] of taken.entries()) {
    const { path, found } = some[i] as (typeof some)[number];
    // One that has grown, or was written to, is looked at again when it rests.
    if (done === null) continue;
    if ('code' in done) note(site, path, done.code);
    else {
      const { file, pack } = done;
      out.push({ path, found, file, stored: pack?.stored ?? Promise.resolve(), release: () => ingest.release(done) });
    }
  }
  return out;
}

async function readOne(site: Site, { path, found }: Wanted): Promise<Read[]> {
  const { ingest } = site.session;
  let handle: FileHandle | undefined;
  let done: Ingested | undefined;
  const unread = (error: NodeJS.ErrnoException): never => {
    throw new Unread(error.code ?? String(error));
  };
  try {
    site.disk.way(found.disk);
    handle = await open(site.disk.full(found.disk), sourceFlags).catch(unread);
    const { fd } = handle;
    const before = await handle.stat().catch(unread);
    const source = { fd, size: before.size, failed: (code: string) => new Unread(code) };
    done = await ingest.file(
      before.size,
      () => source,
      () => {},
      site.signal,
    );
    const after = await handle.stat().catch(unread);
    if (!isUnchanged(before, after)) throw new Unread('CHANGED');
    const { file, stored, release } = done;
    if (!manifestFits(file.chunks.length, site.session.vault)) {
      site.problems.set(path, problems.tooLarge(path));
      release();
      return [];
    }
    return [{ path, found, file, stored, release }];
  } catch (error) {
    done?.release();
    if (!(error instanceof Unread)) throw error;
    note(site, path, error.code);
    return [];
  } finally {
    await handle?.close().catch(() => {});
  }
}

function note(site: Site, path: string, code: string): void {
  if (code !== 'CHANGED' && code !== 'ENOENT') site.problems.set(path, problems.unreadable(path, code));
}

/** All in one transaction, over nothing but what was looked at. */
async function showAll(site: Site, batch: readonly Read[]): Promise<void> {
  const { core, session, disk, agreed } = site;
  const entries: { readonly entry: Entry; readonly read: Read }[] = [];
  const asides: string[] = [];
  for (const read of batch) {
    const { path, found, file } = read;
    // Written to since it was looked at: what was read may be neither one nor the other.
    if (disk.seenAt(found.disk)?.print !== found.print) continue;
    const known = agreed.tree.get(path);
    const node = nodeAt(site, path);
    const same = (id: string | undefined): boolean =>
      id !== undefined && sameChunks(chunksOf(session, id), file.chunks);
    const asVault = node?.kind === 'file' && same(node.id);
    const asAgreed = known?.kind === 'file' && (known.id === node?.id ? asVault : same(known.id));
    const what = settle(known, node, { asVault, asAgreed });
    if (what === 'agree' && node) agree(site, path, node.id, found);
    else if (what === 'untouched' && known) agree(site, path, known.id, found);
    else if (what === 'set-aside') asides.push(path);
    else if (what === 'create' || what === 'replace') {
      const parent = folderFor(site, path);
      if (parent === undefined) continue;
      const entry: Entry = {
        ...{ id: newItemId(core), parent, name: nameOf(path), modified: Math.max(0, Math.floor(found.modified)) },
        ...{ clash: 'replace', stored: file, over: node?.id ?? null },
      };
      entries.push({ entry, read });
    }
  }
  if (entries.length > 0) {
    const outcomes = await createCommitter(core, session)(entries.map(({ entry }) => entry));
    core.deps.probe?.('watched-pushed');
    for (const [i, outcome] of outcomes.entries()) {
      const { read } = entries[i] as (typeof entries)[number];
      if ('node' in outcome && outcome.node) agree(site, read.path, outcome.node.id, read.found);
    }
  }
  for (const path of asides) await doSmall(site, { do: 'set-aside', path });
  agreed.flush();
}
