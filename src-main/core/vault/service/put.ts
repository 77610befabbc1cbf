import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Handlers, TaskContext } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { Fail, fail } from '#shared/rpc/fail.ts';
import { createCommitter, type Entry, newItemId, type Outcome } from '../commit.ts';
import type { Core, Session } from '../core.ts';
import { cancelled, locked, notFound } from '../failures.ts';
import { changed, isUnchanged, sourceFlags } from '../pool/load.ts';
import { batchBytes, batchFiles, type Ingested, type SmallIngested, type Stored, smallBytes } from '../store/ingest.ts';
import type { Destination } from '../store/packer.ts';
import { manifestFits } from '../store/publish.ts';
import { folderOf } from './describe.ts';
import { listOwn, ownDirectories } from './own-directories.ts';
import { createPutSources, type PutSources } from './put-sources.ts';
import { createSupply, type Supply } from './supply.ts';
import { type Found, printOf, type Skipped, skipFor, touchedAt, walk } from './walk.ts';

/** Files read at the same time: hides the latency of opening many small ones. */
const readers = 4;
/** Files whose packs may be under way before reading waits for them. */
const maxWaiting = 8192;
/**
 * A file that was written to so shortly before a put began may be written to again without another time: file systems count in steps,
 * of two seconds at most (FAT).
 */
const restMs = 2500;
/** Files that may be found before they are read: so many that mostly all are found, and how much it is known, soon after the start. */
const foundAhead = 100_000;

class SourceError extends Error {
  readonly reason: unknown;
  constructor(reason: unknown) {
    super('the source failed');
    this.reason = reason;
  }
}

const isSmall = (f: Found): boolean => f.kind === 'folder' || f.size <= smallBytes;

export function putHandlers(core: Core): Pick<Handlers<typeof vaultContract>, 'vault.put'> {
  return {
    async 'vault.put'(input, context) {
      core.root();
      const session = await core.session();
      const into = folderOf(session, input.into);
      context.step('scan', 'Looking for files', { total: null, unit: 'items' });
      const own = await ownDirectories(listOwn(core));
      const skipped: Skipped[] = [];
      const look = (paths: readonly string[]) => session.engine.pool.run({ kind: 'look', paths });
      const found = walk(input.paths, look, context.signal, own, skipped);
      const store = new PutRun(core, session, context, into, input.clash, skipped);
      await store.run(found);
      if (!store.found && skipped.every((s) => s.code === 'NOT_FOUND')) {
        throw fail('NOT_FOUND', `${input.paths[0]} is not there.`, { next: 'Check the path.', data: { skipped } });
      }
      context.step('commit', 'Copying the catalogue to the places');
      if (!(await session.publisher.publish())) throw locked();
      core.deps.probe?.('put-acknowledged');
      if (store.items.length > 0) context.undo('vault.bin', { items: store.items });
      store.remember();
      const { items, files, bytes, deduplicated } = store;
      await core.lookForFork();
      return { items, files, bytes, deduplicated, skipped, ...core.forkNotice() };
    },
  };
}

interface Target {
  readonly parent: string | null;
  readonly name: string;
}
/** A file that was read, on its way to being shown. */
interface Read {
  readonly f: Found;
  readonly target: Target;
  readonly file: Stored;
}

/** One put: makes folders, feeds files to the ingest as they are found, shows them as their bytes become durable. */
class PutRun {
  readonly items: ItemId[] = [];
  /** Something to store was found, if only a folder. */
  found = false;
  files = 0;
  bytes = 0;
  deduplicated = 0;
  readonly #core: Core;
  readonly #session: Session;
  readonly #context: TaskContext;
  readonly #into: string | null;
  readonly #clash: 'both' | 'replace' | 'skip';
  readonly #skipped: Skipped[];
  readonly #commit: ReturnType<typeof createCommitter>;
  /** The vault's folder for each that was found. */
  readonly #folders = new Map<Found, string>();
  readonly #waiting = new Set<Promise<void>>();
  #waitingFiles = 0;
  #broken: unknown = null;
  /** Bytes were stored of a file that changed meanwhile. */
  #torn = false;
  readonly #sources: PutSources;
  readonly #began: number;
  #done = 0;
  /** Bytes of what was found; all of it once the supply has ended. */
  #total = 0;
  #supply: Supply<Found> | null = null;

  constructor(
    core: Core,
    session: Session,
    context: TaskContext,
    into: string | null,
    clash: 'both' | 'replace' | 'skip',
    skipped: Skipped[],
  ) {
    this.#core = core;
    this.#session = session;
    this.#context = context;
    this.#into = into;
    this.#clash = clash;
    this.#skipped = skipped;
    this.#commit = createCommitter(core, session);
    this.#sources = createPutSources(session, core.deps.host.random);
    this.#began = core.deps.host.now();
  }

  /** Write down what was put, for the next time: nobody waits for that. */
  remember(): void {
    this.#sources.flush().catch((error: unknown) => {
      this.#core.deps.log.warn({ error: String(error) }, 'files that were put will be read again');
    });
  }

  async run(found: AsyncIterable<readonly Found[]>): Promise<void> {
    const supply = createSupply(found, foundAhead, (piece) => {
      for (const { size } of piece) this.#total += size;
    });
    this.#supply = supply;
    this.found = await this.#more(supply);
    if (this.found) {
      // How much it is in all is known when all is found; until then what is done stands by itself.
      const total = supply.ended() ? this.#total : null;
      this.#context.step('store', 'Encrypting and storing', { total, unit: 'bytes', pausable: true });
      await Promise.all(Array.from({ length: readers }, () => this.#work(supply)));
      this.#advance(0);
    }
    supply.close();
    // Everything read is finished even when the rest was cancelled: what is whole stays.
    await this.#session.ingest.drain();
    while (this.#waiting.size > 0) await Promise.all(this.#waiting);
    if (this.#stopped() || this.#torn) await this.#tidy();
    if (this.#broken) throw this.#broken;
    this.#session.signal.throwIfAborted();
    if (this.#context.signal.aborted) {
      await this.#session.publisher.publish();
      throw cancelled();
    }
  }

  async #more(supply: Supply<Found>): Promise<boolean> {
    try {
      return await supply.ready();
    } catch (error) {
      if (!this.#stopped()) this.#broken = error;
      return false;
    }
  }

  async #work(supply: Supply<Found>): Promise<void> {
    while (!this.#stopped() && (await this.#more(supply))) {
      const resting = this.#context.rest();
      if (resting !== null) {
        // What was read is stored now, however long the pause is.
        this.#session.ingest.flush();
        await resting;
        if (this.#stopped()) return;
      }
      const small: Found[] = [];
      const folders: Entry[] = [];
      let bytes = 0;
      let f = supply.peek();
      for (; f && isSmall(f) && small.length < batchFiles && bytes <= batchBytes - smallBytes; f = supply.peek()) {
        supply.take();
        if (f.kind === 'folder') {
          this.#folder(f, folders);
        } else {
          small.push(f);
          bytes += f.size;
        }
      }
      if (folders.length > 0) this.#track(this.#commit(folders).then((made) => this.#shown(made, () => {})));
      if (small.length > 0) {
        await this.#smallFiles(small);
      } else if (f && folders.length === 0) {
        supply.take();
        await this.#file(f);
      }
      while (this.#waitingFiles > maxWaiting) await Promise.race(this.#waiting);
    }
  }

  /** What was stored for files that will not come gives its room back now, not at the next start. */
  async #tidy(): Promise<void> {
    const { maintenance, ingest, publisher } = this.#session;
    maintenance.collect(ingest.pinned);
    await maintenance.sweep(publisher.newest());
    // The rest may be packs that others have left a moment ago: the places' copy must know first. When it cannot be told
    // now, they are swept at the next unlock.
    if (await publisher.publish().catch(() => false)) await maintenance.sweep();
  }

  #stopped(): boolean {
    return this.#broken !== null || this.#context.signal.aborted || this.#session.signal.aborted;
  }

  #parentOf(f: Found): string | null | undefined {
    return f.parent === null ? this.#into : this.#folders.get(f.parent);
  }

  #folder(f: Found, made: Entry[]): void {
    const parent = this.#parentOf(f);
    if (parent === undefined) return;
    const { name, modified } = f;
    const there = this.#clash === 'both' ? undefined : this.#sibling(parent, name);
    // Replacing or skipping is about files: folders of one name become one.
    const id = there?.kind === 'folder' ? there.id : newItemId(this.#core);
    this.#folders.set(f, id);
    if (f.parent === null) this.items.push(id as ItemId);
    if (there?.kind !== 'folder') made.push({ id, parent, name, modified, clash: 'both', stored: null });
  }

  #sibling(parent: string | null, name: string) {
    if (parent === null) return this.#session.tree.root.get(name);
    return this.#session.tree.get(parent)?.children?.get(name);
  }

  /** The folder a file goes into and its name; null when it is not to be stored. */
  #target(f: Found): Target | null {
    const parent = this.#parentOf(f);
    if (parent === undefined) return null;
    const { name } = f;
    if (this.#clash === 'skip' && this.#sibling(parent, name)) {
      this.#skipped.push({ path: f.path, code: 'NAME_TAKEN', message: 'A file of this name is there already.' });
      this.#advance(f.size);
      return null;
    }
    if (this.#clash === 'replace' && this.#isThere(f, parent)) {
      this.files++;
      this.bytes += f.size;
      this.deduplicated += f.size;
      this.#advance(f.size);
      return null;
    }
    return { parent, name };
  }

  /** What it would replace was made of this very file, which nobody wrote to since. */
  #isThere(f: Found, parent: string | null): boolean {
    const there = this.#sibling(parent, f.name);
    if (there?.kind !== 'file') return false;
    const source = this.#sources.find(dirname(f.path), f.name);
    if (source?.item !== there.id || source.print !== printOf(f)) return false;
    const { catalogue, engine } = this.#session;
    const packs = catalogue.all<{ pack: number }>('SELECT pack FROM item_packs WHERE item = ?', there.id);
    // What is lost there is stored again.
    return packs.every(({ pack }) => engine.health.pack(pack) !== 'damaged');
  }

  #note(f: Found, item: string): void {
    if (touchedAt(f) + restMs < this.#began) this.#sources.note(f.path, f.name, { item, print: printOf(f) });
  }

  async #smallFiles(list: readonly Found[]): Promise<void> {
    const wanted = list.flatMap((f) => {
      const target = this.#target(f);
      return target ? [{ f, target }] : [];
    });
    if (wanted.length === 0) return;
    try {
      const taken = await this.#session.ingest.many(wanted.map(({ f }) => f));
      const grown: Found[] = [];
      const byPack = new Map<Destination | null, { read: Read; done: SmallIngested }[]>();
      for (const [i, done] of taken.entries()) {
        const { f, target } = wanted[i] as (typeof wanted)[number];
        if (done === null) {
          grown.push(f);
        } else if ('code' in done) {
          this.#skip(f, done);
        } else {
          this.#advance(done.file.size);
          const list = byPack.get(done.pack) ?? [];
          byPack.set(done.pack, list);
          list.push({ read: { f, target, file: done.file }, done });
        }
      }
      for (const [pack, list] of byPack) {
        this.#show(
          list.map(({ read }) => read),
          pack?.recording ?? Promise.resolve(),
          () => {
            for (const { done } of list) this.#session.ingest.release(done);
          },
        );
      }
      for (const f of grown) await this.#file(f);
    } catch (error) {
      if (!this.#stopped()) this.#broken = error;
    }
  }

  async #file(f: Found): Promise<void> {
    const target = this.#target(f);
    if (!target) return;
    try {
      const done = (await this.#read(f)) ?? (await this.#read(f));
      if (done) this.#show([{ f, target, file: done.file }], done.recording, done.release);
      else this.#skip(f, { code: changed });
    } catch (error) {
      if (error instanceof SourceError) this.#skip(f, error.reason);
      else if (!this.#stopped()) this.#broken = error;
    }
  }

  #skip(f: Found, reason: unknown): void {
    const { path } = f;
    const isChanged = (reason as { code?: string } | null)?.code === changed;
    const message = 'It changed while it was read. Store it again when nothing writes to it.';
    this.#skipped.push(isChanged ? { path, code: changed, message } : skipFor(path, reason));
    this.#advance(f.size);
  }

  /** @returns null when the file changed while it was read; nothing refers to what was read then. @throws SourceError */
  async #read(f: Found): Promise<Ingested | null> {
    let handle: FileHandle | undefined;
    let counted = 0;
    const count = (n: number): void => {
      counted += n;
      this.#advance(n);
    };
    // Whatever goes wrong with the file is told apart from what goes wrong with the vault.
    const failed = (reason: unknown): never => {
      throw new SourceError(reason);
    };
    try {
      handle = await open(f.path, sourceFlags).catch(failed);
      const { fd } = handle;
      const before = await handle.stat().catch(failed);
      const source = { fd, size: before.size, failed: (code: string) => new SourceError({ code }) };
      const done = await this.#session.ingest.file(f.size, () => source, count, this.#context.signal);
      const after = await handle.stat().catch((error: unknown) => {
        done.release();
        return failed(error);
      });
      if (isUnchanged(before, after)) return done;
      done.release();
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      if ((error.reason as { code?: string } | null)?.code !== changed) {
        this.#advance(-counted);
        throw error;
      }
    } finally {
      await handle?.close().catch(() => {});
    }
    this.#advance(-counted);
    this.#torn = true;
    return null;
  }

  /** Let files appear when the rows of their packs come next: theirs come with them, and so they are durable together. */
  #show(read: readonly Read[], recording: Promise<unknown>, release: () => void): void {
    this.#waitingFiles += read.length;
    const finished = recording
      .then(async () => {
        const fitting = read.filter(({ f, file }) => {
          if (manifestFits(file.chunks.length, this.#session.vault)) return true;
          const message = 'It is larger than this vault’s places can describe (about 200 GB with 4+2).';
          this.#skipped.push({ path: f.path, code: 'TOO_LARGE', message });
          return false;
        });
        if (fitting.length === 0) return;
        const entries = fitting.map(({ f, target, file }): Entry => {
          const { parent, name } = target;
          return { id: newItemId(this.#core), parent, name, modified: f.modified, clash: this.#clash, stored: file };
        });
        this.#shown(await this.#commit(entries), (i, id) => {
          const { f, file } = fitting[i] as Read;
          if (f.parent === null) this.items.push(id);
          this.#note(f, id);
          this.files++;
          this.bytes += file.size;
          this.deduplicated += file.deduplicated;
        });
      })
      .finally(() => {
        this.#waitingFiles -= read.length;
        release();
      });
    this.#track(finished);
  }

  #shown(outcomes: readonly Outcome[], shown: (i: number, id: ItemId) => void): void {
    let failure: Fail | null = null;
    for (const [i, outcome] of outcomes.entries()) {
      if ('failure' in outcome) failure ??= outcome.failure;
      else if (outcome.node) shown(i, outcome.node.id as ItemId);
    }
    if (failure) throw failure;
  }

  #track(promise: Promise<void>): void {
    const tracked: Promise<void> = promise
      .catch((error: unknown) => {
        if (error instanceof Fail && error.code === 'NOT_FOUND') this.#broken ??= notFound('The folder it goes into');
        else this.#broken ??= error;
      })
      .finally(() => this.#waiting.delete(tracked));
    this.#waiting.add(tracked);
  }

  #advance(n: number): void {
    this.#done += n;
    if (this.#supply?.ended()) this.#context.progress(this.#done, this.#total);
    else this.#context.progress(this.#done);
  }
}
