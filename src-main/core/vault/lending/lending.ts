import { isAbsolute, join } from 'node:path';
import { toBase32 } from '#core/crypto/ids.ts';
import { makeDirectory } from '#core/store/make-directory.ts';
import type { Lending, Lent } from '#shared/contract/vault.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { VaultDeps } from '../ports.ts';
import type { Namespace } from '../zdb-server/namespaces.ts';
import type { ZdbServer } from '../zdb-server/server.ts';
import { nothingLent, readLending, type StoredLending, writeLending } from './stored.ts';

export interface Loan {
  readonly name: string;
  readonly bytes: number;
  readonly to: readonly string[];
  readonly mode: 'user' | 'seq';
  readonly directory: string | undefined;
}

export interface Handed {
  readonly host: string | null;
  readonly port: number;
  readonly password: string;
}

/** The storage lent to others: a 0-db server on loopback, which the mesh carries to those it is lent to. */
export interface LendingSwitch {
  /** Bring back what was lent; the server opens in its own time. */
  start(): Promise<void>;
  stop(): Promise<void>;
  view(): Lending;
  /** In which the files of borrowers lie. */
  directories(): readonly string[];
  /** @throws Fail NOT_FOUND */
  the(name: string): Lent;
  /** @throws Fail ALREADY_EXISTS, BAD_TARGET, DISK_FULL, IN_USE, NOT_FOUND, TOO_MANY */
  lend(loan: Loan): Promise<Handed>;
  /** @returns the new password, where one was asked for */
  change(name: string, wanted: { bytes: number | undefined; newPassword: boolean }): Promise<string | null>;
  unlend(name: string): Promise<void>;
  turnOn(): Promise<void>;
  turnOff(): Promise<void>;
}

/** 0-db's own. */
const usualPort = 9900;
const passwordBytes = 20;
const connectionsMost = 256;
const memoryMost = 128 * 1024 * 1024;
/** Small enough that clearing a file away is soon done. */
const datasize = 64 * 1024 * 1024;

export function createLending(deps: VaultDeps, changed: () => void): LendingSwitch {
  const { home, host, log, mesh } = deps;
  let stored: StoredLending = nothingLent;
  let running: { readonly server: ZdbServer; readonly localPort: number } | null = null;
  let problem: Lending['problem'];
  let stopped = true;
  let last: Promise<unknown> = Promise.resolve();
  /** One change at a time. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const run = last.then(work, work);
    last = run.catch(() => {});
    return run;
  };
  const keep = async (next: StoredLending): Promise<void> => {
    await writeLending(home, next);
    stored = next;
  };

  /** Offer the server on the mesh to all it is lent to, and to nobody when it is lent to none. */
  const offerTo = async (everyone: StoredLending, localPort: number): Promise<StoredLending['offer']> => {
    const allow = [...new Set(Object.values(everyone.lent).flatMap(({ to }) => to))];
    const before = stored.offer;
    if (mesh === undefined || allow.length === 0) {
      if (before !== null) await mesh?.withdraw(before.id);
      return null;
    }
    const offer = await mesh.offer(localPort, before?.port ?? usualPort, allow, before?.id ?? null);
    return { ...offer, localPort };
  };

  const open = async (directory: string): Promise<{ server: ZdbServer; localPort: number }> => {
    const { createZdbServer } = await import('../zdb-server/server.ts');
    const { DirectoryInUse } = await import('../zdb-server/store/lock.ts');
    let server: ZdbServer;
    try {
      server = await createZdbServer({
        directory,
        ...{ log, datasize },
        now: host.now,
        random: host.random,
        setTimer: host.setTimer,
        // Nobody is told it: namespaces are made here, and the default one is nobody's.
        admin: toBase32(host.random(passwordBytes)),
        protect: true,
        connections: connectionsMost,
        memory: memoryMost,
      });
    } catch (error) {
      if (error instanceof DirectoryInUse) {
        throw fail('IN_USE', `Another program has ${directory} open.`, { next: 'End that program first.' });
      }
      throw error;
    }
    try {
      const wanted = stored.localPort ?? 0;
      const localPort = await server.listen({ port: wanted }).catch(() => server.listen({ port: 0 }));
      return { server, localPort };
    } catch (error) {
      await server.close();
      throw error;
    }
  };
  const close = async (): Promise<void> => {
    const was = running;
    running = null;
    await was?.server.close();
  };

  /** The server, running; what was not kept of its port and offer is. */
  const opened = async (directory: string): Promise<ZdbServer> => {
    if (running !== null) return running.server;
    const { server, localPort } = await open(directory);
    running = { server, localPort };
    try {
      const moved = stored.offer !== null && stored.offer.localPort !== localPort;
      const lacking = stored.offer === null && Object.values(stored.lent).some(({ to }) => to.length > 0);
      const offer = moved || lacking ? await offerTo(stored, localPort) : stored.offer;
      await keep({ ...stored, on: true, directory, localPort, offer });
    } catch (error) {
      await close();
      throw error;
    }
    problem = undefined;
    return server;
  };
  const lentOf = (server: ZdbServer, name: string): Namespace => {
    const namespace = name === server.namespaces.default.name ? null : server.namespaces.get(name);
    if (namespace === null) throw notLent(name);
    return namespace;
  };
  const serverNow = async (): Promise<ZdbServer> => {
    if (stored.directory === null) throw nothingYet();
    return opened(stored.directory);
  };
  const newPassword = (): string => toBase32(host.random(passwordBytes));

  const describe = (name: string, namespace: Namespace | null, why: string | null): Lent => {
    const stats = namespace?.store.stats();
    const entry = stored.lent[name];
    return {
      name,
      to: mesh?.show(entry?.to ?? []) ?? [],
      mode: namespace?.store.mode() ?? 'user',
      bytes: namespace?.settings.maxsize ?? 0,
      used: stats?.liveBytes ?? 0,
      onDisk: stats?.onDisk ?? 0,
      keys: stats?.entries ?? 0,
      since: entry?.since ?? null,
      problem: why,
    };
  };
  const lent = (): Lent[] => {
    if (running === null) {
      return Object.keys(stored.lent).map((name) => describe(name, null, 'It is not open now.'));
    }
    const { namespaces } = running.server;
    const open = namespaces.list().filter((namespace) => namespace !== namespaces.default);
    const known = new Set([...open.map(({ name }) => name), ...namespaces.damaged.keys()]);
    const gone = Object.keys(stored.lent).filter((name) => !known.has(name));
    return [
      ...open.map((namespace) =>
        describe(
          namespace.name,
          namespace,
          namespace.store.broken() === null ? null : 'The disk did not take what was written.',
        ),
      ),
      ...[...namespaces.damaged].map(([name, why]) => describe(name, null, why)),
      ...gone.map((name) => describe(name, null, 'Its files are not there.')),
    ];
  };

  const bringUp = (): Promise<void> =>
    inTurn(async () => {
      if (stopped || !stored.on || stored.directory === null) return;
      try {
        await opened(stored.directory);
      } catch (error) {
        log.warn({ error: String(error) }, 'the storage that is lent could not be opened');
        problem = {
          text: isFail(error) ? error.message : 'The storage that is lent could not be opened.',
          next: 'See that its disk is there, then switch it off and on again.',
        };
      }
      changed();
    });

  return {
    async start() {
      stopped = false;
      stored = await readLending(home);
      void bringUp();
    },
    async stop() {
      stopped = true;
      await inTurn(close);
    },
    view() {
      const server = running?.server;
      let free: number | null = null;
      try {
        free = server?.free() ?? null;
      } catch {
        // The disk is away.
      }
      return {
        on: stored.on,
        directory: stored.directory,
        host: stored.offer === null ? null : (mesh?.address() ?? null),
        port: stored.offer?.port ?? null,
        localPort: running?.localPort ?? null,
        connections: server?.connections() ?? 0,
        free,
        lent: lent(),
        ...(stored.on && problem !== undefined ? { problem } : {}),
      };
    },
    directories: () =>
      stored.directory === null ? [] : ['index', 'data'].map((one) => join(stored.directory ?? '', one)),
    the(name) {
      const one = lent().find((each) => each.name === name);
      if (one === undefined) throw notLent(name);
      return one;
    },
    lend: ({ name, bytes, to, mode, directory: wanted }) =>
      inTurn(async () => {
        const kept = mesh?.keep(to) ?? [];
        const directory = directoryFor(stored.directory, wanted, join(home, 'lent'));
        if (stored.directory === null) await usable(directory);
        const server = await opened(directory);
        if (server.free() < bytes) {
          throw fail('DISK_FULL', `There is less free on this disk than the ${bytes} bytes to be lent.`, {
            meaning: 'Nothing was lent.',
            next: 'Lend less, or free some space.',
          });
        }
        const password = newPassword();
        const refused = await server.namespaces.create(name, { mode, password, maxsize: bytes });
        if (refused === 'failed') throw new Error(`the namespace ${name} could not be made`);
        if (refused !== null) {
          throw fail('ALREADY_EXISTS', `Something is lent as ${name} already.`, {
            meaning: 'Nothing was changed.',
            next: 'Choose another name.',
          });
        }
        const localPort = running?.localPort ?? 0;
        try {
          const next = { ...stored, lent: { ...stored.lent, [name]: { to: kept, since: host.now() } } };
          await keep({ ...next, offer: kept.length > 0 ? await offerTo(next, localPort) : stored.offer });
        } catch (error) {
          const made = server.namespaces.get(name);
          if (made !== null) await server.namespaces.remove(made);
          throw error;
        }
        changed();
        const overMesh = kept.length > 0 && stored.offer !== null;
        return {
          host: overMesh ? (mesh?.address() ?? null) : null,
          port: overMesh ? (stored.offer?.port ?? localPort) : localPort,
          password,
        };
      }),
    change: (name, { bytes, newPassword: fresh }) =>
      inTurn(async () => {
        const server = await serverNow();
        const namespace = lentOf(server, name);
        const password = fresh ? newPassword() : null;
        if (password !== null && !(await server.namespaces.setPassword(namespace, password))) {
          throw fail('BUSY', 'Too many passwords are being checked.', { next: 'Try again in a moment.' });
        }
        if (password !== null) server.dismiss(namespace);
        if (bytes !== undefined) await server.namespaces.change(namespace, { maxsize: bytes });
        changed();
        return password;
      }),
    unlend: (name) =>
      inTurn(async () => {
        const server = await serverNow();
        const namespace = server.namespaces.get(name);
        if (namespace !== null && !(await server.namespaces.remove(lentOf(server, name)))) {
          throw new Error(`the namespace ${name} could not be removed`);
        }
        if (namespace === null && stored.lent[name] === undefined) throw notLent(name);
        const { [name]: _, ...rest } = stored.lent;
        const next = { ...stored, lent: rest };
        await keep({ ...next, offer: await offerTo(next, running?.localPort ?? 0) });
        changed();
      }),
    turnOn: () =>
      inTurn(async () => {
        await serverNow();
        changed();
      }),
    turnOff: () =>
      inTurn(async () => {
        await close();
        problem = undefined;
        // Off now, whatever the disk says of the file.
        const { offer } = stored;
        stored = { ...stored, on: false, offer: null };
        changed();
        if (offer !== null) await mesh?.withdraw(offer.id);
        await keep(stored);
      }),
  };
}

function directoryFor(kept: string | null, wanted: string | undefined, usual: string): string {
  if (wanted !== undefined && !isAbsolute(wanted)) {
    throw fail('BAD_TARGET', `${wanted} is no whole path.`, { next: 'Type it from the root of the file system.' });
  }
  if (kept !== null && wanted !== undefined && wanted !== kept) {
    throw fail('BAD_TARGET', `What is lent lies in ${kept} already.`, {
      meaning: 'All that is lent lies in one directory.',
      next: 'Leave the directory out.',
    });
  }
  return kept ?? wanted ?? usual;
}

async function usable(directory: string): Promise<void> {
  try {
    await makeDirectory(directory);
  } catch (error) {
    throw fail('BAD_TARGET', `${directory} cannot be used: ${(error as Error).message}.`, {
      next: 'Choose a directory that can be written to.',
    });
  }
}

const notLent = (name: string) =>
  fail('NOT_FOUND', `Nothing is lent as ${name}.`, { next: 'See `hypha vault lending` for what is.' });
const nothingYet = () => fail('NOT_FOUND', 'Nothing is lent yet.', { next: 'Lend something first.' });
