import { isAbsolute, join } from 'node:path';
import { toBase32 } from '#core/crypto/ids.ts';
import { makeDirectory } from '#core/store/make-directory.ts';
import type { Lending, Lent } from '#shared/contract/vault.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { VaultDeps } from '../ports.ts';
import type { NamespaceView, StorageView } from '../zdb-server/thread/protocol.ts';
import type { ServerThread } from '../zdb-server/thread/server-thread.ts';
import { createKeeper } from './keeper.ts';
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
  view(): Promise<Lending>;
  /** In which the files of borrowers lie. */
  directories(): readonly string[];
  /** @throws Fail NOT_FOUND */
  the(name: string): Promise<Lent>;
  /** What the person should know about this start. */
  notices(): readonly { readonly code: string; readonly text: string }[];
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
const retryMs = 60_000;

export function createLending(deps: VaultDeps, changed: () => void): LendingSwitch {
  const { home, host, log, mesh } = deps;
  let stored: StoredLending = nothingLent;
  let problem: Lending['problem'];
  let stopped = true;
  let cancelRetry = (): void => {};
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

  const keeper = createKeeper({
    ...{ host, log },
    again: () => void bringUp(),
    ...(deps.lendingThread === undefined ? {} : { made: deps.lendingThread }),
  });

  /** The server, running; what was not kept of its port and offer is. */
  const opened = async (directory: string): Promise<ServerThread> => {
    const running = keeper.running();
    if (running !== null) return running;
    const server = await keeper.open(directory, stored.localPort);
    const { localPort } = server;
    try {
      const moved = stored.offer !== null && stored.offer.localPort !== localPort;
      const lacking = stored.offer === null && Object.values(stored.lent).some(({ to }) => to.length > 0);
      const offer = moved || lacking ? await offerTo(stored, localPort) : stored.offer;
      await keep({ ...stored, on: true, directory, localPort, offer });
    } catch (error) {
      await keeper.close();
      throw error;
    }
    problem = undefined;
    return server;
  };
  const serverNow = async (): Promise<ServerThread> => {
    if (stored.directory === null) throw nothingYet();
    return opened(stored.directory);
  };
  const newPassword = (): string => toBase32(host.random(passwordBytes));

  const describe = (name: string, namespace: NamespaceView | null, why: string | null): Lent => {
    const entry = stored.lent[name];
    return {
      name,
      to: mesh?.show(entry?.to ?? []) ?? [],
      mode: namespace?.mode ?? 'user',
      bytes: namespace?.limit ?? 0,
      used: namespace?.used ?? 0,
      onDisk: namespace?.onDisk ?? 0,
      keys: namespace?.keys ?? 0,
      since: entry?.since ?? null,
      problem: why,
    };
  };
  const lent = (seen: StorageView | null): Lent[] => {
    if (seen === null) {
      const why = keeper.running() === null ? 'It is not open now.' : 'Its server does not answer.';
      return Object.keys(stored.lent).map((name) => describe(name, null, why));
    }
    const known = new Set([...seen.namespaces.map(({ name }) => name), ...seen.damaged.map(([name]) => name)]);
    const gone = Object.keys(stored.lent).filter((name) => !known.has(name));
    return [
      ...seen.namespaces.map((one) =>
        describe(one.name, one, one.broken ? 'The disk did not take what was written.' : null),
      ),
      ...seen.damaged.map(([name, why]) => describe(name, null, why)),
      ...gone.map((name) => describe(name, null, 'Its files are not there.')),
    ];
  };
  const view = async (): Promise<Lending> => {
    const seen = await keeper.view();
    const wrong = problem ?? (keeper.stuck() ? doesNotAnswer : undefined);
    return {
      on: stored.on,
      directory: stored.directory,
      host: stored.offer === null ? null : (mesh?.address() ?? null),
      port: stored.offer?.port ?? null,
      localPort: keeper.running()?.localPort ?? null,
      connections: seen?.connections ?? 0,
      free: seen?.free ?? null,
      lent: lent(seen),
      ...(stored.on && wrong !== undefined ? { problem: wrong } : {}),
    };
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
          next: 'See that its disk is there. It is tried again every minute.',
        };
        cancelRetry();
        cancelRetry = host.setTimer(retryMs, () => void bringUp());
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
      cancelRetry();
      await inTurn(keeper.close);
    },
    view,
    directories: () =>
      stored.directory === null ? [] : ['index', 'data'].map((one) => join(stored.directory ?? '', one)),
    async the(name) {
      const one = lent(await keeper.view()).find((each) => each.name === name);
      if (one === undefined) throw notLent(name);
      return one;
    },
    notices() {
      const { count, last } = keeper.restarts();
      if (count === 0) return [];
      const times =
        count === 1 ? 'ended by itself and was' : `ended by itself ${count} times since Hypha started and was`;
      const text = `The server of the storage you lend ${times} started again, last at ${new Date(last).toISOString()}. What it had confirmed to borrowers is there.`;
      return [{ code: 'LENDING_RESTARTED', text }];
    },
    lend: ({ name, bytes, to, mode, directory: wanted }) =>
      inTurn(async () => {
        const kept = mesh?.keep(to) ?? [];
        const directory = directoryFor(stored.directory, wanted, join(home, 'lent'));
        if (stored.directory === null) await usable(directory);
        const server = await opened(directory);
        if (((await keeper.view())?.free ?? 0) < bytes) {
          throw fail('DISK_FULL', `There is less free on this disk than the ${bytes} bytes to be lent.`, {
            meaning: 'Nothing was lent.',
            next: 'Lend less, or free some space.',
          });
        }
        const password = newPassword();
        const refused = await server.call.create(name, { mode, password, maxsize: bytes });
        if (refused === 'failed') throw new Error(`the namespace ${name} could not be made`);
        if (refused !== null) {
          throw fail('ALREADY_EXISTS', `Something is lent as ${name} already.`, {
            meaning: 'Nothing was changed.',
            next: 'Choose another name.',
          });
        }
        const { localPort } = server;
        try {
          const next = { ...stored, lent: { ...stored.lent, [name]: { to: kept, since: host.now() } } };
          await keep({ ...next, offer: kept.length > 0 ? await offerTo(next, localPort) : stored.offer });
        } catch (error) {
          await server.call.remove(name);
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
        const password = fresh ? newPassword() : null;
        if (password !== null) {
          const done = await server.call.setPassword(name, password);
          if (done === 'absent') throw notLent(name);
          if (done === 'busy') {
            throw fail('BUSY', 'Too many passwords are being checked.', { next: 'Try again in a moment.' });
          }
        }
        if (bytes !== undefined && !(await server.call.setLimit(name, bytes))) throw notLent(name);
        changed();
        return password;
      }),
    unlend: (name) =>
      inTurn(async () => {
        const server = await serverNow();
        const done = await server.call.remove(name);
        if (done === 'failed') throw new Error(`the namespace ${name} could not be removed`);
        if (done === 'absent' && stored.lent[name] === undefined) throw notLent(name);
        const { [name]: _, ...rest } = stored.lent;
        const next = { ...stored, lent: rest };
        await keep({ ...next, offer: await offerTo(next, server.localPort) });
        changed();
      }),
    turnOn: () =>
      inTurn(async () => {
        await serverNow();
        changed();
      }),
    turnOff: () =>
      inTurn(async () => {
        cancelRetry();
        await keeper.close();
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

const doesNotAnswer = {
  text: 'The server of the storage that is lent does not answer; what is shown is what it said last.',
  next: 'See that its disk is there and answers.',
};
const notLent = (name: string) =>
  fail('NOT_FOUND', `Nothing is lent as ${name}.`, { next: 'See `hypha vault lending` for what is.' });
const nothingYet = () => fail('NOT_FOUND', 'Nothing is lent yet.', { next: 'Lend something first.' });
