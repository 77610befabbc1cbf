import { createServer, type Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Argon2Cost } from '#core/crypto/argon2.ts';
import type { Logger } from '#core/host.ts';
import type { Ground, Session } from './commands/answer.ts';
import { type Connection, type Patience, serveConnection, usualPatience } from './connection.ts';
import type { Mode } from './layout/records.ts';
import { createMemory } from './memory.ts';
import { type Happening, type Namespace, type Namespaces, openNamespaces } from './namespaces.ts';
import { createPasswordWorks } from './password.ts';
import type { SyncPolicy } from './store/base.ts';
import { clearPair } from './store/clear.ts';
import type { DataStore } from './store/data-store.ts';
import { type Disk, nodeDisk } from './store/disk.ts';
import { lockDirectory } from './store/lock.ts';
import { createBufferPool } from './wire/buffer-pool.ts';
import { createReceiveRoom, receiveInto } from './wire/receive.ts';
import { failure } from './wire/reply.ts';

export interface ZdbServerOptions {
  /** Where the files lie: `index/` and `data/`, one directory each for every namespace. Made if need be. */
  readonly directory: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: (n: number) => Uint8Array;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly log: Logger;
  /** All namespaces are of this mode. Left out: user mode, and each may be changed while it is unused. */
  readonly mode?: Mode;
  /** The administrators' password. Left out: every client is one. */
  readonly admin?: string;
  /** The default namespace is only read without the administrators' password. */
  readonly protect?: boolean;
  /** Bytes from which on the next data file is begun; 512 KiB to 4 GiB, 256 MiB if left out. */
  readonly datasize?: number;
  /** When a write may be acknowledged; `always` if left out. */
  readonly sync?: SyncPolicy;
  /** Milliseconds between looks for files whose values were mostly replaced or deleted, to clear them; 5,000 if left out. */
  readonly clearEvery?: number;
  /** Connections at once; 1,024 if left out. */
  readonly connections?: number;
  /** Bytes all connections may hold of requests and replies; 256 MiB if left out. */
  readonly memory?: number;
  readonly patience?: Partial<Patience>;
  /** What a stored password costs to check; tests make it cheap. */
  readonly passwordCost?: Argon2Cost;
  readonly disk?: Disk;
  readonly happened?: Happening;
}

/** Where to listen: a TCP port (0: one that is free) on an address, loopback unless said otherwise, or a local socket. */
export type ListenAt = { readonly port: number; readonly address?: string } | { readonly path: string };

export interface ZdbServer {
  readonly namespaces: Namespaces;
  /** @returns the port, or 0 for a local socket. @throws the system's error */
  listen(at: ListenAt): Promise<number>;
  /** Serve a connection that came in another way. */
  accept(socket: Duplex): void;
  connections(): number;
  /** End the connections that use a namespace: they must say the password again. */
  dismiss(namespace: Namespace): void;
  /** Bytes free on the disk of the directory. @throws the system's error */
  free(): number;
  /** Stop listening, end connections, make everything durable. */
  close(): Promise<void>;
}

const datasizeLeast = 512 * 1024;
const datasizeMost = 0xffff_ffff;
const datasizeUsual = 256 * 1024 * 1024;
const checkEvery = 5_000;
/** A file is cleared when so much of it is dead: at most as much is written again as is won. */
const deadShare = 0.5;
const stuckMs = 600_000;
/** A walk that was not gone on with for so long is over; none keeps the disk from being cleared longer than the second. */
const walkMs = 30_000;
const walkMostMs = 600_000;
const loopback = '127.0.0.1';

/**
 * A server that speaks 0-db's protocol and keeps its files as 0-db does (docs/formats/zdb-files.md), so that zstor and
 * every other client of 0-db can use it. Differences, all of them on purpose, are listed there too.
 *
 * @throws DirectoryInUse, RangeError, or the system's error
 */
export async function createZdbServer(options: ZdbServerOptions): Promise<ZdbServer> {
  const datasize = options.datasize ?? datasizeUsual;
  if (datasize < datasizeLeast || datasize > datasizeMost) {
    throw new RangeError(`a data file holds from ${datasizeLeast} to ${datasizeMost} bytes, not ${datasize}`);
  }
  const disk = options.disk ?? nodeDisk;
  disk.makeDirectory(options.directory);
  const unlock = lockDirectory(options.directory);
  let namespaces: Namespaces;
  try {
    namespaces = await openNamespaces({
      directory: options.directory,
      disk,
      works: createPasswordWorks(options.random, options.passwordCost),
      log: options.log,
      mode: options.mode ?? 'user',
      happened: options.happened ?? (() => {}),
      store: { datasize, sync: options.sync ?? { kind: 'always' }, now: options.now, setTimer: options.setTimer },
    });
  } catch (error) {
    unlock();
    throw error;
  }

  const watchers = new Set<{ session: Session; command: string | null; tell: (command: string) => void }>();
  const ground: Ground = {
    namespaces,
    admin: options.admin ?? null,
    protect: options.protect ?? false,
    oneMode: options.mode !== undefined,
    counts: { clients: 0, executed: 0, failed: 0, unauthorized: 0, received: 0, sent: 0 },
    disk,
    directory: options.directory,
    startedAt: options.now(),
    instance: new DataView(Uint8Array.from(options.random(4)).buffer).getUint32(0),
    now: options.now,
    random: options.random,
    log: options.log,
    watch(session, command, ms) {
      return new Promise((resolve) => {
        const cancel = options.setTimer(ms, () => {
          watchers.delete(watcher);
          resolve(null);
        });
        const watcher = {
          session,
          command,
          tell(seen: string) {
            watchers.delete(watcher);
            cancel();
            resolve(seen);
          },
        };
        watchers.add(watcher);
      });
    },
  };

  const most = options.connections ?? 1024;
  const patience = { ...usualPatience, ...options.patience };
  const memory = createMemory(options.memory ?? 256 * 1024 * 1024);
  const pool = createBufferPool();
  const connections = new Set<Connection>();
  const listening = new Set<Server>();
  let closing: Promise<void> | null = null;

  let cancelCheck = (): void => {};
  const checkLater = (): void => {
    cancelCheck = options.setTimer(checkEvery, () => {
      const now = options.now();
      for (const connection of connections) connection.check(now);
      checkLater();
    });
  };
  checkLater();

  let cancelClear = (): void => {};
  let clearing: Promise<void> = Promise.resolve();
  /** Files that could not be cleared, and when that is tried again: the disk may have room by then. */
  const stuck = new WeakMap<DataStore, Map<number, number>>();
  const stuckIn = (store: DataStore): ReadonlySet<number> => {
    const at = options.now();
    return new Set([...(stuck.get(store) ?? [])].filter(([, until]) => until > at).map(([file]) => file));
  };
  /** Since when clearing waits for somebody who walks from the end: keys that are moved there meanwhile, the walk would not come past. */
  const waiting = new WeakMap<Namespace, number>();
  const isWalked = (namespace: Namespace): boolean => {
    const at = options.now();
    if (at - namespace.walkedBackAt > walkMs) {
      waiting.delete(namespace);
      return false;
    }
    const since = waiting.get(namespace) ?? at;
    waiting.set(namespace, since);
    return at - since < walkMostMs;
  };
  const clearDead = async (): Promise<void> => {
    for (const namespace of namespaces.list()) {
      const { store } = namespace;
      for (;;) {
        if (isWalked(namespace)) break;
        const next =
          closing === null && namespace.paused === null ? store.nextToClear(deadShare, stuckIn(store)) : null;
        if (next === null) break;
        const done = await clearPair(store, next, () => new Promise((resolve) => setImmediate(resolve)));
        if (!done) {
          stuck.set(store, (stuck.get(store) ?? new Map()).set(next.file, options.now() + stuckMs));
          continue;
        }
        options.log.info({ namespace: namespace.name, ...next }, 'space of what was replaced or deleted is given back');
      }
    }
  };
  const clearLater = (): void => {
    cancelClear = options.setTimer(options.clearEvery ?? checkEvery, () => {
      clearing = clearDead().then(
        () => {
          if (closing === null) clearLater();
        },
        (error: unknown) => {
          options.log.warn({ error: String(error) }, 'space could not be given back');
          if (closing === null) clearLater();
        },
      );
    });
  };
  clearLater();

  const room = createReceiveRoom();
  /** @param fresh it was accepted a moment ago and not read from */
  const accept = (from: Duplex, fresh = false): void => {
    if (closing !== null || connections.size >= most) {
      from.on('error', () => {});
      from.end(Buffer.concat([...failure('Too many clients')]), () => from.destroy());
      return;
    }
    const taken = (bytes: Uint8Array): void => connection.take(bytes);
    const received = fresh && from instanceof Socket ? receiveInto(room, from, taken) : null;
    const socket = received ?? from;
    ground.counts.clients++;
    const session: Session = {
      namespace: namespaces.default,
      admin: ground.admin === null,
      writable: !(ground.protect && ground.admin !== null),
      challenge: null,
      pool: socket instanceof Socket ? pool : null,
    };
    const connection = serveConnection(socket, {
      ground,
      pool,
      listens: received === null,
      session,
      memory,
      patience,
      executed(by, namespace, command) {
        for (const watcher of watchers) {
          const other = watcher.session !== by && watcher.session.namespace === namespace;
          if (other && (watcher.command === null || watcher.command === command)) watcher.tell(command);
        }
      },
      closed() {
        connections.delete(connection);
        for (const watcher of watchers) if (watcher.session === session) watcher.tell('');
      },
    });
    connections.add(connection);
  };

  return {
    namespaces,
    accept: (socket) => accept(socket),
    connections: () => connections.size,
    dismiss(namespace) {
      for (const connection of connections) if (connection.session.namespace === namespace) connection.close();
    },
    free: () => disk.free(options.directory),
    listen(at) {
      const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) =>
        accept(socket, true),
      );
      server.on('error', (error) => options.log.warn({ error: String(error) }, 'the storage server cannot accept'));
      return new Promise((resolve, reject) => {
        server.once('error', reject);
        const listens = (): void => {
          server.removeListener('error', reject);
          listening.add(server);
          const address = server.address();
          options.happened?.('ready', []);
          resolve(address !== null && typeof address === 'object' ? address.port : 0);
        };
        if ('path' in at) server.listen(at.path, listens);
        else server.listen(at.port, at.address ?? loopback, listens);
      });
    },
    close() {
      closing ??= (async () => {
        cancelCheck();
        cancelClear();
        const ends = [...listening].map((server) => new Promise((resolve) => server.close(resolve)));
        for (const connection of connections) connection.close();
        await Promise.all(ends);
        await clearing;
        await namespaces.close();
        options.happened?.('close', []);
        unlock();
      })();
      return closing;
    },
  };
}
