import { type FileHandle, open } from 'node:fs/promises';
import type { Handlers, TaskContext } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { Fail, fail } from '#shared/rpc/fail.ts';
import { createCommitter, newItemId } from '../commit.ts';
import type { Core, Session } from '../core.ts';
import { cancelled, locked, notFound } from '../failures.ts';
import { changed, isUnchanged, sourceFlags } from '../pool/load.ts';
import { batchBytes, batchFiles, type Ingested, smallBytes } from '../store/ingest.ts';
import { manifestFits } from '../store/publish.ts';
import { folderOf } from './describe.ts';
import { ownDirectories } from './own-directories.ts';
import { type Found, type Skipped, skipFor, walk } from './walk.ts';

/** Files read at the same time: hides the latency of opening many small ones. */
const readers = 4;
/** Files whose packs may be under way before reading waits for them. */
const maxWaiting = 8192;

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
      core.opened();
      const session = await core.session();
      const into = folderOf(session, input.into);
      context.step('scan', 'Looking for files', { total: null, unit: 'items' });
      const own = await ownDirectories([
        { path: core.deps.home, what: 'Hypha’s data directory' },
        ...session.engine.places.all().map(({ row }) => ({ path: row.path, what: `the place "${row.name}"` })),
      ]);
      const { found, skipped } = await walk(input.paths, context.signal, (n) => context.progress(n), own);
      if (found.length === 0 && skipped.every((s) => s.code === 'NOT_FOUND')) {
        throw fail('NOT_FOUND', `${input.paths[0]} is not there.`, { next: 'Check the path.', data: { skipped } });
      }
      const store = new PutRun(core, session, context, into, input.clash, skipped);
      await store.run(found);
      context.step('commit', 'Copying the catalogue to the places');
      if (!(await session.publisher.publish())) throw locked();
      core.deps.probe?.('put-acknowledged');
      if (store.items.length > 0) context.undo('vault.bin', { items: store.items });
      const { items, files, bytes, deduplicated } = store;
      await core.lookForFork();
      return { items, files, bytes, deduplicated, skipped, ...core.forkNotice() };
    },
  };
}

/** One put: makes folders, feeds files to the ingest, shows them as their bytes become durable. */
class PutRun {
  readonly items: ItemId[] = [];
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
  readonly #folders = new Map<string, string | null>();
  readonly #waiting = new Set<Promise<void>>();
  #broken: unknown = null;
  /** Bytes were stored of a file that changed meanwhile. */
  #torn = false;
  #done = 0;

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
  }

  async run(found: readonly Found[]): Promise<void> {
    const total = found.reduce((sum, f) => sum + f.size, 0);
    this.#context.step('store', 'Encrypting and storing', { total, unit: 'bytes' });
    let next = 0;
    const work = async (): Promise<void> => {
      for (let f = found[next]; f && !this.#stopped(); f = found[next]) {
        const small: Found[] = [];
        let bytes = 0;
        for (; f && isSmall(f) && small.length < batchFiles && bytes <= batchBytes - smallBytes; f = found[next]) {
          next++;
          if (f.kind === 'folder') {
            this.#folder(f);
          } else {
            small.push(f);
            bytes += f.size;
          }
        }
        if (small.length > 0) {
          await this.#smallFiles(small);
        } else if (f) {
          next++;
          await this.#file(f);
        }
        if (this.#waiting.size > maxWaiting) await Promise.race(this.#waiting);
      }
    };
    await Promise.all(Array.from({ length: readers }, work));
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
    return f.names.length === 1 ? this.#into : this.#folders.get(this.#key(f.path, f.names.length - 1));
  }

  /** Folders are told apart by their path on disk: two chosen folders may have one name. */
  #key(path: string, depth: number): string {
    const parts = path.split(/[\\/]/);
    return `${depth}:${parts.slice(0, -1).join('/')}`;
  }

  #folder(f: Found): void {
    const parent = this.#parentOf(f);
    if (parent === undefined) return;
    const own = `${f.names.length}:${f.path.split(/[\\/]/).join('/')}`;
    const name = f.names.at(-1) ?? '';
    const top = f.names.length === 1;
    const there = this.#clash === 'both' ? undefined : this.#sibling(parent, name);
    if (there?.kind === 'folder') {
      // Replacing or skipping is about files: folders of one name become one.
      this.#folders.set(own, there.id);
      if (top) this.items.push(there.id as ItemId);
      return;
    }
    const id = newItemId(this.#core);
    this.#folders.set(own, id);
    if (top) this.items.push(id as ItemId);
    this.#track(this.#commit({ id, parent, name, modified: f.modified, clash: 'both', stored: null }).then(() => {}));
  }

  #sibling(parent: string | null, name: string) {
    if (parent === null) return this.#session.tree.root.get(name);
    return this.#session.tree.get(parent)?.children?.get(name);
  }

  /** The folder a file goes into and its name; null when it is not to be stored. */
  #target(f: Found): { parent: string | null; name: string } | null {
    const parent = this.#parentOf(f);
    if (parent === undefined) return null;
    const name = f.names.at(-1) ?? '';
    if (this.#clash === 'skip' && this.#sibling(parent, name)) {
      this.#skipped.push({ path: f.path, code: 'NAME_TAKEN', message: 'A file of this name is there already.' });
      this.#advance(f.size);
      return null;
    }
    return { parent, name };
  }

  async #smallFiles(list: readonly Found[]): Promise<void> {
    const wanted = list.flatMap((f) => {
      const target = this.#target(f);
      return target ? [{ f, target }] : [];
    });
    if (wanted.length === 0) return;
    try {
      const taken = await this.#session.ingest.many(wanted.map(({ f }) => f));
      for (const [i, done] of taken.entries()) {
        const { f, target } = wanted[i] as (typeof wanted)[number];
        if (done === null) {
          // It has grown since it was found.
          await this.#file(f);
        } else if ('code' in done) {
          this.#skip(f, done);
        } else {
          this.#advance(done.size);
          this.#show(f, target, done);
        }
      }
    } catch (error) {
      if (!this.#stopped()) this.#broken = error;
    }
  }

  async #file(f: Found): Promise<void> {
    const target = this.#target(f);
    if (!target) return;
    try {
      const done = (await this.#read(f)) ?? (await this.#read(f));
      if (done) this.#show(f, target, done);
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

  /** Let the file appear when its last pack is durable. */
  #show(f: Found, { parent, name }: { parent: string | null; name: string }, done: Ingested): void {
    const finished = done.stored
      .then(async (stored) => {
        if (!manifestFits(stored.chunks.length, this.#session.vault)) {
          const message = 'It is larger than this vault’s places can describe (about 200 GB with 4+2).';
          this.#skipped.push({ path: f.path, code: 'TOO_LARGE', message });
          return;
        }
        const node = await this.#commit({
          id: newItemId(this.#core),
          parent,
          name,
          modified: f.modified,
          clash: this.#clash,
          stored,
        });
        if (!node) return;
        if (f.names.length === 1) this.items.push(node.id as ItemId);
        this.files++;
        this.bytes += stored.size;
        this.deduplicated += stored.deduplicated;
      })
      .finally(() => done.release());
    this.#track(finished);
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
    this.#context.progress(this.#done);
  }
}
