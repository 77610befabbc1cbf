import { parentPort } from 'node:worker_threads';
import { toBase32 } from '#core/crypto/ids.ts';
import { systemRandom } from '#core/crypto/random.ts';
import type { Logger } from '#core/host.ts';
import { openPort } from '#core/threads/port.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Namespace } from '../namespaces.ts';
import { createZdbServer, type ZdbServer } from '../server.ts';
import { gentleDisk } from '../store/gentle-disk.ts';
import { DirectoryInUse } from '../store/lock.ts';
import type { ThreadCalls, ThreadEvents } from './protocol.ts';

/* The thread that serves storage: the server on the system's clock, disk and randomness, driven through its parent port. */

if (parentPort === null) throw new Error('the storage server runs in a thread of its own');

const log: Logger = {
  debug: (fields, message) => main.tell('log', 'debug', fields, message),
  info: (fields, message) => main.tell('log', 'info', fields, message),
  warn: (fields, message) => main.tell('log', 'warn', fields, message),
  error: (fields, message) => main.tell('log', 'error', fields, message),
};

const adminPasswordBytes = 20;
let server: ZdbServer | null = null;

const running = (): ZdbServer => {
  if (server === null) throw new Error('the storage server is not open');
  return server;
};
const lent = (name: string): Namespace | null => {
  const { namespaces } = running();
  return name === namespaces.default.name ? null : namespaces.get(name);
};
const freeNow = (): number | null => {
  try {
    return running().free();
  } catch {
    return null; // The disk is away.
  }
};

const calls: ThreadCalls = {
  async open({ directory, localPort, ...bounds }) {
    let opened: ZdbServer;
    try {
      opened = await createZdbServer({
        ...bounds,
        directory,
        log,
        disk: gentleDisk(),
        now: Date.now,
        random: systemRandom,
        setTimer(ms, fire) {
          const timer = setTimeout(fire, ms);
          return () => clearTimeout(timer);
        },
        // Nobody is told it: namespaces are made from the main thread, and the default one is nobody's.
        admin: toBase32(systemRandom(adminPasswordBytes)),
        protect: true,
      });
    } catch (error) {
      if (error instanceof DirectoryInUse) {
        throw fail('IN_USE', `Another program has ${directory} open.`, { next: 'End that program first.' });
      }
      throw error;
    }
    try {
      const port = await opened.listen({ port: localPort ?? 0 }).catch(() => opened.listen({ port: 0 }));
      server = opened;
      return port;
    } catch (error) {
      await opened.close();
      throw error;
    }
  },
  view() {
    const { namespaces, connections } = running();
    return {
      connections: connections(),
      free: freeNow(),
      namespaces: namespaces
        .list()
        .filter((one) => one !== namespaces.default)
        .map(({ name, settings, store }) => {
          const { liveBytes, onDisk, entries } = store.stats();
          const broken = store.broken() !== null;
          const { maxsize: limit } = settings;
          return { name, mode: store.mode(), limit, used: liveBytes, onDisk, keys: entries, broken };
        }),
      damaged: [...namespaces.damaged],
    };
  },
  create: (name, first) => running().namespaces.create(name, first),
  async setLimit(name, bytes) {
    const namespace = lent(name);
    if (namespace !== null) await running().namespaces.change(namespace, { maxsize: bytes });
    return namespace !== null;
  },
  async setPassword(name, password) {
    const namespace = lent(name);
    if (namespace === null) return 'absent';
    if (!(await running().namespaces.setPassword(namespace, password, 'machine'))) return 'busy';
    running().dismiss(namespace);
    return 'done';
  },
  async remove(name) {
    const namespace = lent(name);
    if (namespace === null) return 'absent';
    return (await running().namespaces.remove(namespace)) ? 'done' : 'failed';
  },
  async stop() {
    await server?.close();
    server = null;
  },
};

const main = openPort<ThreadEvents, ThreadCalls>(parentPort, calls, (name, error) =>
  log.error({ name, error: String(error) }, 'what the storage server was told could not be done'),
);
