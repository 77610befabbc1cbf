import { posix } from 'node:path';
import type { Handlers, TaskContext } from '#core/broker/handlers.ts';
import { itemNameSchema } from '#shared/contract/vault/model.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import type { ParsedInputOf } from '#shared/rpc/contract.ts';
import { type Fail, isFail } from '#shared/rpc/fail.ts';
import { commitOne, newItemId } from '../commit.ts';
import type { Core, Session } from '../core.ts';
import { cancelled, locked, notFound } from '../failures.ts';
import type { Ingested } from '../store/ingest.ts';
import { noSuchObject, nothingNamed, outsideRoot } from '../zstor/failures.ts';
import type { MetaData } from '../zstor/metadata.ts';
import type { Objects } from '../zstor/objects.ts';
import { cleanPath, namingPath, objectKey } from '../zstor/paths.ts';
import type { SeenConfigs } from '../zstor/seen-configs.ts';
import { folderOf } from './describe.ts';
import { createPipe } from './uploads.ts';
import type { Skipped } from './walk.ts';
import { withObjects } from './zstor-deployment.ts';

type Input = ParsedInputOf<(typeof vaultContract)['vault.importZstor']>;

/** Objects whose bytes came but are in no file yet: so many, or so long, that small ones share packs. */
const mostPending = 512;
const mostPendingBytes = 16 * 1024 * 1024;

/** An object to be copied: where it goes below the folder, and what it is called in words. */
interface Wanted {
  readonly key: string;
  readonly words: string;
  readonly folders: readonly string[];
  readonly name: string;
  readonly named: boolean;
}

interface Pending {
  readonly wanted: Wanted;
  readonly done: Ingested;
}

export function zstorImportHandler(core: Core, seen: SeenConfigs): Handlers<typeof vaultContract>['vault.importZstor'] {
  return async (input, context) => {
    core.root();
    const session = await core.session();
    const into = folderOf(session, input.into);
    if (!input.all && input.paths.length === 0) throw nothingNamed();
    const file = await seen.use(input.config);
    const signal = AbortSignal.any([context.signal, session.signal]);
    return withObjects(core, file, async (objects) => {
      const run = new ImportRun(core, session, objects, input, into, signal, context);
      try {
        context.step('ask', 'Asking zstor for its objects', { total: null, unit: 'items' });
        const wanted = await listed(input, file.config, objects, signal);
        context.step('fetch', 'Reading from zstor and storing', { total: null, unit: 'bytes', pausable: true });
        for (const one of wanted) {
          const resting = context.rest();
          if (resting !== null) {
            await run.settle();
            await resting;
          }
          await run.copy(one);
        }
        await run.settle();
      } catch (error) {
        await run.tidy();
        if (session.signal.aborted) throw session.signal.reason;
        throw context.signal.aborted ? cancelled() : error;
      }
      if (run.torn) await run.tidy();
      if (run.files === 0 && run.first) throw run.first;
      context.step('commit', 'Copying the catalogue to the places');
      if (!(await session.publisher.publish())) throw locked();
      if (run.items.length > 0) context.undo('vault.bin', { items: run.items });
      const { items, files, bytes, deduplicated, skipped, unnamed } = run;
      return { items, files, bytes, deduplicated, skipped, unnamed, ...core.forkNotice() };
    });
  };
}

/** @throws Fail BAD_CONFIG, NOT_ENOUGH_PLACES, TOO_LARGE */
async function listed(
  input: Input,
  { root, prefix }: { readonly root: string | null; readonly prefix: string },
  objects: Objects,
  signal: AbortSignal,
): Promise<Wanted[]> {
  const above = commonFolders(input.paths);
  const byKey = new Map<string, Wanted>();
  for (const path of input.paths) {
    const naming = namingPath(path, root);
    if (naming === null) throw outsideRoot(path, root);
    const key = await objectKey(prefix, naming);
    const parts = cleanPath(path).split('/').filter(Boolean);
    const good = parts.length > 0 && parts.every((part) => itemNameSchema.safeParse(part).success);
    const name = good ? (parts.at(-1) ?? '') : hashOf(key);
    byKey.set(key, { key, words: path, folders: good ? parts.slice(above, -1) : [], name, named: true });
  }
  if (!input.all) return [...byKey.values()];
  const keys = await objects.meta.list(signal);
  return keys.map((key) => byKey.get(key) ?? { key, words: hashOf(key), folders: [], name: hashOf(key), named: false });
}

const hashOf = (key: string): string => posix.basename(key);

/** How many folders all paths begin with: those are left out in the vault. */
function commonFolders(paths: readonly string[]): number {
  const all = paths.map((path) => cleanPath(path).split('/').filter(Boolean).slice(0, -1));
  const [first = []] = all;
  const differs = first.findIndex((part, i) => all.some((parts) => parts[i] !== part));
  return differs < 0 ? first.length : differs;
}

class ImportRun {
  readonly items: ItemId[] = [];
  readonly skipped: Skipped[] = [];
  files = 0;
  bytes = 0;
  deduplicated = 0;
  unnamed = 0;
  /** Why the first object was left out. */
  first: Fail | null = null;
  /** Bytes were stored of an object that did not come whole. */
  torn = false;
  #done = 0;
  readonly #pending: Pending[] = [];
  #pendingBytes = 0;
  readonly #core: Core;
  readonly #session: Session;
  readonly #objects: Objects;
  readonly #input: Input;
  readonly #into: string | null;
  readonly #signal: AbortSignal;
  readonly #context: TaskContext;

  constructor(
    core: Core,
    session: Session,
    objects: Objects,
    input: Input,
    into: string | null,
    signal: AbortSignal,
    context: TaskContext,
  ) {
    this.#core = core;
    this.#session = session;
    this.#objects = objects;
    this.#input = input;
    this.#into = into;
    this.#signal = signal;
    this.#context = context;
  }

  /** One object. What is wrong with it alone is noted; what would be wrong with all others too is thrown. */
  async copy(wanted: Wanted): Promise<void> {
    this.#signal.throwIfAborted();
    try {
      if (this.#input.clash === 'skip' && this.#there(wanted)) {
        this.#skip(wanted, 'NAME_TAKEN', 'A file of this name is there already.');
        return;
      }
      const record = await this.#objects.record(wanted.key, wanted.words);
      if (!record) throw noSuchObject(wanted.words);
      const done = await this.#ingest(record, wanted);
      this.#pending.push({ wanted, done });
      this.#pendingBytes += done.file.size;
    } catch (error) {
      if (!isFail(error, 'DAMAGED') && !isFail(error, 'NOT_FOUND')) throw error;
      this.first ??= error;
      this.#skip(wanted, error.code, error.message);
    }
    if (this.#pending.length >= mostPending || this.#pendingBytes >= mostPendingBytes) await this.settle();
  }

  /** What came is durable, and then there by its name. */
  async settle(): Promise<void> {
    this.#pendingBytes = 0;
    this.#session.ingest.flush();
    for (let next = this.#pending.shift(); next; next = this.#pending.shift()) {
      const { wanted, done } = next;
      try {
        await done.stored;
        await this.#show(wanted, done);
      } finally {
        done.release();
      }
      if (!wanted.named) this.unnamed++;
    }
  }

  #skip({ words }: Wanted, code: string, message: string): void {
    this.skipped.push({ path: words, code, message });
  }

  #there({ folders, name }: Wanted): boolean {
    let at = this.#session.tree.children(this.#into);
    for (const folder of folders) {
      const next = at.get(folder)?.children;
      if (!next) return false;
      at = next;
    }
    return at.has(name);
  }

  /** The object's bytes into packs. They refer to nothing until all of them came and are right. */
  async #ingest(record: MetaData, { words }: Wanted): Promise<Ingested> {
    const { ingest } = this.#session;
    const pipe = createPipe();
    // Of a length that zstor does not keep, as much as need be.
    const ingested = ingest.file(
      Number.MAX_SAFE_INTEGER,
      () => pipe.source,
      () => {},
      this.#signal,
    );
    ingested.catch(() => {});
    const stop = (): void => pipe.fail(this.#signal.reason);
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      const push = async (plain: Uint8Array): Promise<void> => {
        this.#done += plain.length;
        this.#context.progress(this.#done);
        await Promise.race([pipe.push(plain), ingested]);
      };
      await this.#objects.load(record, words, push, this.#signal);
      pipe.end();
      return await ingested;
    } catch (error) {
      this.torn = true;
      pipe.fail(error);
      ingested.then((done) => done.release()).catch(() => {});
      throw error;
    } finally {
      this.#signal.removeEventListener('abort', stop);
    }
  }

  async #show({ folders, name }: Wanted, { file }: Ingested): Promise<void> {
    const [core, session, modified] = [this.#core, this.#session, this.#core.deps.host.now()];
    let parent = this.#into;
    for (const folder of folders) {
      const there = session.tree.children(parent).get(folder);
      if (there?.kind === 'folder') {
        parent = there.id;
        continue;
      }
      const made = await commitOne(core, session, {
        id: newItemId(core),
        parent,
        name: folder,
        modified,
        clash: 'both',
        stored: null,
      });
      if (!made) throw notFound('The folder it goes into');
      parent = made.id;
    }
    const { clash } = this.#input;
    const node = await commitOne(core, session, { id: newItemId(core), parent, name, modified, clash, stored: file });
    if (!node) return;
    this.items.push(node.id as ItemId);
    this.files++;
    this.bytes += file.size;
    this.deduplicated += file.deduplicated;
  }

  /** What was stored of objects that did not come gives its room back now, not at the next start. */
  async tidy(): Promise<void> {
    const { maintenance, ingest, publisher } = this.#session;
    for (const { done } of this.#pending.splice(0)) done.release();
    await ingest.drain();
    maintenance.collect(ingest.pinned);
    await maintenance.sweep(publisher.newest());
    if (await publisher.publish().catch(() => false)) await maintenance.sweep();
  }
}
