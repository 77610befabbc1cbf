import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '#core/host.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { type Descriptor, decodeDescriptor, encodeDescriptor } from './layout/descriptor.ts';
import type { Mode } from './layout/records.ts';
import { hashPassword, type MadeBy, openPassword, type Password, type PasswordWorks } from './password.ts';
import type { DataStoreOptions } from './store/base.ts';
import { type DataStore, openDataStore } from './store/data-store.ts';
import type { Disk } from './store/disk.ts';
import { emptyNamespace } from './store/empty.ts';
import { limits } from './wire/limits.ts';

export const defaultName = 'default';
const descriptorName = 'zdb-namespace';
/** Namespaces of one server at most. */
const namespacesMost = 4096;

/** What the server tells its host, under the names and with the words 0-db runs its hooks with (specification 1.8). */
export type Happening = (name: string, words: readonly string[]) => void;

export interface Namespace {
  readonly name: string;
  settings: Descriptor;
  password: Password | null;
  store: DataStore;
  /** Deleted: its clients are sent away. */
  removed: boolean;
  /** When somebody last walked its keys from the end, in milliseconds since 1970. */
  walkedBackAt: number;
  /** Being loaded again or emptied: who wants to use it waits. */
  paused: Promise<void> | null;
}

export interface NamespacesOptions {
  /** `data/` and `index/` are made in it. */
  readonly directory: string;
  readonly disk: Disk;
  readonly works: PasswordWorks;
  readonly log: Logger;
  readonly mode: Mode;
  readonly happened: Happening;
  /** What every store of a namespace is opened with. */
  readonly store: Pick<DataStoreOptions, 'datasize' | 'sync' | 'now' | 'setTimer'>;
}

/** What a namespace is made with, where it is not what 0-db makes: public, without password, in the server's mode. */
export interface FirstSettings {
  readonly mode: Mode;
  /** Made by a machine. */
  readonly password: string;
  readonly maxsize: number;
}

export interface Namespaces {
  readonly default: Namespace;
  /** Those that could not be opened, with the reason; their files are left alone. */
  readonly damaged: ReadonlyMap<string, string>;
  list(): readonly Namespace[];
  get(name: string): Namespace | null;
  /** All of it is there from the first moment on, or nothing. @returns why not, or null */
  create(name: string, first?: FirstSettings): Promise<'not allowed' | 'taken' | 'failed' | null>;
  remove(namespace: Namespace): Promise<boolean>;
  /** Change settings; durable when this resolves. @throws the system's error, with nothing changed */
  change(namespace: Namespace, change: Partial<Descriptor>): Promise<void>;
  /** @param password null clears it. @returns false when too many wait for their password to be made */
  setPassword(namespace: Namespace, password: string | null, by: MadeBy): Promise<boolean>;
  reload(namespace: Namespace): Promise<void>;
  /** Remove all keys and their history. */
  flush(namespace: Namespace): Promise<void>;
  close(): Promise<void>;
}

const reservedOnWindows = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$/i;

/**
 * A name that is also the name of a directory on every system. 0-db takes all but `/`, `.`, `..` and `default`; a line break
 * among them would let NSINFO lie, and what Windows cannot keep would make a namespace that cannot be moved.
 */
export function isNameAllowed(name: string): boolean {
  if (name.length === 0 || name.length > limits.name || name === defaultName) return false;
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(name) || /[/\\:*?"<>|]/.test(name)) return false;
  return !name.startsWith('.') && !name.endsWith('.') && !reservedOnWindows.test(name);
}

export async function openNamespaces(options: NamespacesOptions): Promise<Namespaces> {
  const { disk, log, works, happened } = options;
  const indexRoot = join(options.directory, 'index');
  const dataRoot = join(options.directory, 'data');
  disk.makeDirectory(indexRoot);
  disk.makeDirectory(dataRoot);
  const all = new Map<string, Namespace>();
  const damaged = new Map<string, string>();
  /** Names under which something is being made or removed. */
  const busy = new Set<string>();
  const descriptorPath = (name: string): string => join(indexRoot, name, descriptorName);

  const openStore = (name: string, mode: Mode): DataStore =>
    openDataStore({
      ...options.store,
      disk,
      log,
      mode,
      indexDirectory: join(indexRoot, name),
      dataDirectory: join(dataRoot, name),
      onJump(from, to, dirty) {
        const path = (kind: string, root: string, id: number): string => join(root, name, `${kind}${id}`);
        happened('jump-index', [path('i', indexRoot, from), path('i', indexRoot, to), dirty.join(' ')]);
        happened('jump-data', [path('d', dataRoot, from), path('d', dataRoot, to)]);
      },
    });
  const save = (name: string, settings: Descriptor): Promise<void> =>
    writeFileAtomic(descriptorPath(name), encodeDescriptor(settings));
  const initial = async (name: string, first: FirstSettings | undefined): Promise<Descriptor> => {
    const usual = { name, password: null, maxsize: 0, isPublic: true, worm: false, lock: 'open' } as const;
    if (first === undefined) return usual;
    const password = await hashPassword(works, first.password, 'machine');
    if (password === null) throw new Error('too many passwords are being made');
    return { ...usual, password, maxsize: first.maxsize, isPublic: false };
  };

  const open = async (name: string, first?: FirstSettings): Promise<Namespace> => {
    disk.makeDirectory(join(indexRoot, name));
    const bytes = await readFile(descriptorPath(name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    let settings = bytes === null ? await initial(name, first) : decodeDescriptor(bytes);
    // Without what it says of a password, a private namespace would be everybody's.
    if (settings === null) throw new Error(`${descriptorPath(name)} is damaged`);
    let password = settings.password === null ? null : openPassword(works, settings.password, first?.password);
    if (password?.inClear() && settings.password !== null) {
      const plain = settings.password;
      const hashed = await hashPassword(works, plain, 'person');
      if (hashed !== null) {
        settings = { ...settings, password: hashed };
        password = openPassword(works, hashed, plain);
        await save(name, settings);
      }
    }
    if (bytes === null) await save(name, settings);
    const store = openStore(name, first?.mode ?? options.mode);
    return { name, settings, password, store, removed: false, walkedBackAt: 0, paused: null };
  };

  happened('namespaces-init', [indexRoot, dataRoot]);
  const first = await open(defaultName);
  all.set(defaultName, first);
  for (const name of disk.names(indexRoot).sort()) {
    if (name === defaultName || !isNameAllowed(name)) continue;
    try {
      all.set(name, await open(name));
    } catch (error) {
      damaged.set(name, error instanceof Error ? error.message : String(error));
      log.error(
        { namespace: name, error: String(error) },
        'a namespace cannot be opened; its files are left as they are',
      );
    }
  }

  /** Do something with a namespace while nobody uses it. */
  const whilePaused = async (namespace: Namespace, work: () => Promise<void>): Promise<void> => {
    while (namespace.paused !== null) await namespace.paused;
    const done = work();
    const quiet = done.catch(() => {});
    namespace.paused = quiet;
    try {
      await done;
    } finally {
      if (namespace.paused === quiet) namespace.paused = null;
    }
  };
  /** Settings are written one after the other. */
  let saving: Promise<void> = Promise.resolve();
  const change = (namespace: Namespace, changed: Partial<Descriptor>): Promise<void> => {
    const work = saving.then(async () => {
      const settings = { ...namespace.settings, ...changed };
      await save(namespace.name, settings);
      namespace.settings = settings;
      happened('namespace-updated', [namespace.name]);
    });
    saving = work.catch(() => {});
    return work;
  };

  return {
    default: first,
    damaged,
    list: () => [...all.values()],
    get: (name) => all.get(name) ?? null,
    async create(name, first) {
      if (!isNameAllowed(name)) return 'not allowed';
      const folded = name.toLowerCase();
      const taken = [...all.keys(), ...damaged.keys(), ...busy].some((other) => other.toLowerCase() === folded);
      if (taken) return 'taken';
      if (all.size >= namespacesMost) return 'failed';
      busy.add(name);
      try {
        all.set(name, await open(name, first));
        disk.syncDirectory(indexRoot);
        disk.syncDirectory(dataRoot);
        happened('namespace-created', [name]);
        return null;
      } catch (error) {
        log.warn({ namespace: name, error: String(error) }, 'a namespace could not be created');
        return 'failed';
      } finally {
        busy.delete(name);
      }
    },
    async remove(namespace) {
      const { name } = namespace;
      busy.add(name);
      all.delete(name);
      namespace.removed = true;
      try {
        await whilePaused(namespace, () => namespace.store.close());
        // The index goes first: without it there is no namespace, and what is left of its data is nobody's.
        await rm(join(indexRoot, name), { recursive: true, force: true });
        disk.syncDirectory(indexRoot);
        await rm(join(dataRoot, name), { recursive: true, force: true });
        happened('namespace-deleted', [name]);
        return true;
      } catch (error) {
        log.warn({ namespace: name, error: String(error) }, 'a namespace could not be removed');
        damaged.set(name, 'it could not be removed');
        return false;
      } finally {
        busy.delete(name);
      }
    },
    change,
    async setPassword(namespace, plain, by) {
      const stored = plain === null ? null : await hashPassword(works, plain, by);
      if (plain !== null && stored === null) return false;
      await change(namespace, { password: stored });
      namespace.password = stored === null ? null : openPassword(works, stored, plain ?? undefined);
      return true;
    },
    reload: (namespace) =>
      whilePaused(namespace, async () => {
        const mode = namespace.store.mode();
        await namespace.store.close();
        namespace.store = openStore(namespace.name, mode);
        happened('namespace-reloaded', [namespace.name]);
      }),
    flush: (namespace) =>
      whilePaused(namespace, async () => {
        const mode = namespace.store.mode();
        await namespace.store.close();
        emptyNamespace(disk, join(indexRoot, namespace.name), join(dataRoot, namespace.name));
        namespace.store = openStore(namespace.name, mode);
      }),
    async close() {
      for (const namespace of all.values()) {
        await whilePaused(namespace, () => namespace.store.close());
      }
    },
  };
}
