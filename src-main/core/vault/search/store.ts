import { mkdir, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '#core/crypto/ids.ts';
import type { Host } from '#core/host.ts';
import { Known } from './known.ts';
import { dueMerge } from './merging.ts';
import type { IndexAnswer, IndexJob } from './work/indexer.ts';
import { createLink, type Link, ThreadGone } from './work/link.ts';
import { segmentFile, segmentIdOf } from './work/names.ts';
import type { OpenedSegment, SearchAnswer, SearchJob } from './work/searcher.ts';

/** The disk is full, or nearly: nothing more is written until there is room. */
export class NoRoom extends Error {
  override readonly name = 'NoRoom';
}

/** Left to others, so that the index is never what fills a disk. */
const keptFree = 64 * 1024 * 1024;
/** A file whose words cannot be taken out in this time is left out. */
const addWithinMs = 30_000;
/** A search that takes longer is answered from the names. */
const findWithinMs = 10_000;

export interface StoreDeps {
  readonly host: Pick<Host, 'random' | 'setTimer'>;
  readonly directory: string;
  readonly key: Uint8Array;
  readonly indexerUrl?: URL | undefined;
  readonly searcherUrl?: URL | undefined;
  /** Free bytes where a directory is. */
  readonly room?: ((directory: string) => Promise<number>) | undefined;
  /** Files whose words are lost with a damaged segment: to be read again. */
  readonly lost: (items: readonly string[]) => void;
}

export type IndexStore = ReturnType<typeof createIndexStore>;

/**
 * The segments of an unlocked vault: two threads that hold the key, one that reads and one that writes, and the bookkeeping of what is in
 * which segment. {@link close} ends the threads; what they knew goes with them.
 */
export function createIndexStore(deps: StoreDeps) {
  const { host, directory } = deps;
  const known = new Known();
  let searcher: Link | null = null;
  let indexer: Link | null = null;
  let opening: Promise<void> | null = null;
  let closed = false;

  const startSearcher = (): Link =>
    createLink(
      deps.searcherUrl ?? new URL('./work/searcher-worker.ts', import.meta.url),
      { directory, key: deps.key },
      host,
      // What a search makes on the way is garbage at once: a small young generation frees it early.
      { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 4 },
    );
  const startIndexer = (): Link =>
    createLink(
      deps.indexerUrl ?? new URL('./work/indexer-worker.ts', import.meta.url),
      { directory, key: deps.key },
      host,
      { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 8 },
    );

  const ask = async <J extends SearchJob>(link: Link, job: J, withinMs?: number): Promise<SearchAnswer<J>> => {
    const answer = (await link.ask(job, [], withinMs)) as SearchAnswer<J>;
    if (answer.damaged.length > 0) await lose(answer.damaged);
    return answer;
  };

  /** These do not read: away with them, and what was in them is read from the vault again. */
  const lose = async (ids: readonly string[]): Promise<void> => {
    const items = ids.flatMap((id) => known.lose(id));
    for (const id of ids) await rm(join(directory, segmentFile(id)), { force: true }).catch(() => {});
    deps.lost(items);
  };

  const open = async (): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const files = await readdir(directory);
    const ids = files.flatMap((file) => segmentIdOf(file) ?? []);
    for (const file of files) if (file.endsWith('.part')) await rm(join(directory, file), { force: true });
    const link = startSearcher();
    searcher = link;
    const { opened } = await ask(link, { kind: 'open', segments: ids });
    const replaced = new Set(opened.flatMap(({ replaces }) => replaces));
    const current = opened.filter(({ id }) => !replaced.has(id));
    const old = opened.filter(({ id }) => replaced.has(id)).map(({ id }) => id);
    if (old.length > 0) await ask(link, { kind: 'drop', segments: old });
    for (const segment of current.toSorted((a, b) => a.sequence - b.sequence)) known.add(segment);
    known.dropLost();
  };

  /** The thread that reads, with every segment taken up; started when it is first needed, and anew when it went. */
  const ready = async (): Promise<Link> => {
    if (closed) throw new ThreadGone('the search index is closed');
    opening ??= open();
    await opening;
    if (searcher && !searcher.gone()) return searcher;
    const link = startSearcher();
    searcher = link;
    await ask(link, { kind: 'open', segments: [...known.segments.keys()] });
    return link;
  };

  const free = async (bytes: number): Promise<void> => {
    const room = deps.room ?? (async (path) => statfs(path).then(({ bavail, bsize }) => bavail * bsize));
    // Where a system cannot say, writing will.
    const left = await room(directory).catch(() => Number.POSITIVE_INFINITY);
    if (left < bytes + keptFree) throw new NoRoom('the disk is nearly full');
  };

  const index = async <J extends IndexJob>(job: J, transfer: ArrayBuffer[] = [], withinMs?: number) => {
    if (closed) throw new ThreadGone('the search index is closed');
    if (!indexer || indexer.gone()) indexer = startIndexer();
    try {
      return (await indexer.ask(job, transfer, withinMs)) as IndexAnswer<J>;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT') throw new NoRoom('the disk is full');
      throw error;
    }
  };

  const takeUp = async (id: string): Promise<OpenedSegment | null> => {
    const { opened } = await ask(await ready(), { kind: 'open', segments: [id] });
    return opened[0] ?? null;
  };
  const nextSequence = (): number => Math.max(0, ...[...known.segments.values()].map(({ sequence }) => sequence)) + 1;

  return {
    known,
    ready: async () => void (await ready()),
    /** @throws ThreadGone when no answer came in time */
    async find(job: SearchJob & { kind: 'find' }) {
      return (await ask(await ready(), job, findWithinMs)).found;
    },
    async snippets(job: SearchJob & { kind: 'snippets' }) {
      return (await ask(await ready(), job, findWithinMs)).snippets;
    },
    async texts(job: SearchJob & { kind: 'texts' }) {
      return (await ask(await ready(), job, findWithinMs)).texts;
    },
    /** @throws ThreadGone when the thread died of it, with all that was gathered */
    add: (job: IndexJob & { kind: 'add' }) => {
      const { buffer, byteLength } = job.bytes;
      const whole = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength;
      return index(job, whole ? [buffer] : [], addWithinMs);
    },
    note: (job: IndexJob & { kind: 'note' }) => index(job),
    /** Write what was gathered and take it up. @throws NoRoom, ThreadGone; what was gathered is lost then */
    async flush(): Promise<void> {
      await ready();
      // Somebody may have taken it away: the index is anybody's to delete.
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const id = toHex(host.random(16));
      await free(keptFree);
      const { written } = await index({ kind: 'flush', id, sequence: nextSequence() });
      const opened = written ? await takeUp(id) : null;
      if (opened) known.add(opened);
    },
    /** Merge what is due. @returns false when nothing is */
    async merge(): Promise<boolean> {
      await ready();
      const ids = dueMerge(known.segments.values());
      if (!ids) return false;
      const id = toHex(host.random(16));
      const bytes = ids.reduce((sum, one) => sum + (known.segments.get(one)?.bytes ?? 0), 0);
      await free(bytes);
      const { inputs, items } = known.mergeInput(ids);
      const { written, damaged } = await index({ kind: 'merge', id, inputs, items });
      if (damaged) await lose([damaged]);
      if (!written) return true;
      const opened = await takeUp(id);
      if (!opened) return true;
      known.replace(ids, opened);
      await ask(await ready(), { kind: 'drop', segments: ids });
      return true;
    },
    /** The thread that writes is not needed for now. */
    async rest(): Promise<void> {
      await indexer?.end();
      indexer = null;
    },
    async close(): Promise<void> {
      closed = true;
      await Promise.all([searcher?.end(), indexer?.end()]);
      deps.key.fill(0);
    },
  };
}
