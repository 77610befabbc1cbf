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

interface Read {
  readonly path: string;
  readonly found: Found;
  readonly file: Stored;
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
 * conflict. What comes back written down is durable in the vault.
 *
 * @throws what the vault throws when it takes no more: nothing of that batch is shown then
 */
export async function pushAll(site: Site, paths: readonly string[]): Promise<void> {
  const wanted = paths.flatMap((path) => {
    const found = site.local.get(path);
    return found?.kind === 'file' ? [{ path, found }] : [];
  });
  let next = 0;
  while (next < wanted.length) {
    const batch: Read[] = [];
    try {
      let bytes = 0;
      while (next < wanted.length && batch.length < mostFiles && bytes < mostBytes) {
        site.signal.throwIfAborted();
        const some: { path: string; found: Found }[] = [];
        let room = batchBytes - smallBytes;
        for (let one = wanted[next]; one && some.length < batchFiles; one = wanted[next]) {
          if (one.found.size > smallBytes || one.found.size > room) break;
          some.push(one);
          room -= one.found.size;
          next++;
        }
        if (some.length > 0) batch.push(...(await readSmall(site, some)));
        else batch.push(...(await readOne(site, wanted[next++])));
        bytes = batch.reduce((sum, { file }) => sum + file.size, 0);
      }
      await showAll(site, batch);
    } finally {
      for (const { release } of batch) release();
    }
    site.advance(batch.length);
  }
}

async function readSmall(site: Site, some: readonly { path: string; found: Found }[]): Promise<Read[]> {
  const { ingest } = site.session;
  const taken = await ingest.many(some.map(({ found }) => ({ path: site.disk.full(found.disk), size: found.size })));
  const out: Read[] = [];
  for (const [i, done] of taken.entries()) {
    const { path, found } = some[i] as (typeof some)[number];
    // One that has grown, or was written to, is looked at again when it rests.
    if (done === null) continue;
    if ('code' in done) note(site, path, done.code);
    else out.push({ path, found, file: done.file, release: () => ingest.release(done) });
  }
  // What was stored is durable with the packs that are open now.
  ingest.flush();
  await Promise.all(taken.map((done) => (done && 'pack' in done ? done.pack?.stored : undefined)));
  return out;
}

async function readOne(site: Site, one: { path: string; found: Found } | undefined): Promise<Read[]> {
  if (!one) return [];
  const { path, found } = one;
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
    ingest.flush();
    await done.stored;
    const { file, release } = done;
    if (!manifestFits(file.chunks.length, site.session.vault)) {
      site.problems.set(path, problems.tooLarge(path));
      release();
      return [];
    }
    return [{ path, found, file, release }];
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
