import type { Webdav } from '#shared/contract/vault.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { Core, Session } from '../core.ts';
import { openRow, sealRow } from '../format/row.ts';
import type { RunningDisk } from './server.ts';
import { readStored, type StoredDisk, writeStored } from './stored.ts';

export interface DiskSwitch {
  /** Read how it was left, and follow the vault from now on. */
  start(): Promise<void>;
  stop(): Promise<void>;
  view(): Webdav;
  /** @returns the new password, or null where the one from before is good @throws Fail LOCKED, NO_VAULT, PORT_IN_USE */
  turnOn(wanted: { newPassword: boolean; port: number | undefined }): Promise<string | null>;
  turnOff(): Promise<void>;
}

const user = 'hypha';
const passwordRow = 'password';

/**
 * The disk, on or off as the person said: it runs while the vault is unlocked, ends when it locks, and comes back with it.
 * The server's code is loaded when it is first needed.
 */
export function createDiskSwitch(core: Core): DiskSwitch {
  const { home, log, host } = core.deps;
  let stored: StoredDisk = { on: false, port: null, verifier: null };
  let running: { readonly disk: RunningDisk; readonly session: Session } | null = null;
  let problem: Webdav['problem'];
  let stopped = false;
  let unwatch = (): void => {};
  let last: Promise<unknown> = Promise.resolve();
  /** One change at a time. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const run = last.then(work, work);
    last = run.catch(() => {});
    return run;
  };

  const verifierFor = ({ keys }: Session): Uint8Array | null =>
    stored.verifier && openRow(keys, 'webdav', passwordRow, stored.verifier);

  const close = async (): Promise<void> => {
    const was = running;
    running = null;
    if (!was) return;
    core.changed([], false);
    await was.disk.close();
  };

  const open = async (session: Session, exactly: number | null): Promise<void> => {
    const verifier = verifierFor(session);
    if (!verifier) {
      problem = {
        code: 'NEEDS_PASSWORD',
        text: 'The password of the disk does not belong to this vault.',
        next: 'Switch it on with a new password.',
      };
      return;
    }
    const { startDisk } = await import('./server.ts');
    if (session.signal.aborted || stopped) return;
    const wanted = exactly ?? stored.port;
    const disk = await startDisk({
      core,
      session,
      host,
      log,
      home,
      verifier,
      port: wanted,
      limits: core.deps.disk ?? {},
    });
    if (exactly !== null && disk.port !== exactly) {
      await disk.close();
      throw fail(
        'PORT_IN_USE',
        `Port ${exactly} of this computer cannot be used: another program has it, or may alone.`,
        {
          next: 'Choose another port, or none for any that is free.',
          data: { port: exactly },
        },
      );
    }
    running = { disk, session };
    problem =
      wanted === null || wanted === disk.port
        ? undefined
        : {
            code: 'PORT_TAKEN',
            text: `Port ${wanted} is taken by another program, so the disk is at port ${disk.port} for now.`,
            next: 'Connect drives at the new address, or free the port and switch the disk off and on.',
          };
    // Locked, or the vault is another: its connections have ended with the session.
    const follow = (): void => {
      void inTurn(async () => {
        if (running?.disk === disk) await close();
      }).then(catchUp);
    };
    if (session.signal.aborted) follow();
    else session.signal.addEventListener('abort', follow, { once: true });
    core.changed([], false);
  };

  /** Bring it to where it should be. */
  const catchUp = (): Promise<void> =>
    inTurn(async () => {
      if (stopped || !stored.on || core.deps.keys.root() === null) return;
      const session = await core.session().catch(() => null);
      if (!session || session.signal.aborted || running?.session === session) return;
      await close();
      try {
        await open(session, null);
      } catch (error) {
        log.warn({ error: String(error) }, 'the WebDAV disk did not start');
        problem = {
          code: 'FAILED',
          text: isFail(error) ? error.message : 'The disk could not be started.',
          next: 'Switch it off and on again.',
        };
      }
    });

  return {
    async start() {
      stopped = false;
      stored = await readStored(home);
      unwatch = core.deps.keys.onChange(() => void catchUp());
      void catchUp();
    },
    async stop() {
      stopped = true;
      unwatch();
      // Not in turn: one that is being opened sees it and goes.
      await running?.disk.close();
      await inTurn(close);
    },
    view() {
      const { on, port } = stored;
      const address = running ? `http://127.0.0.1:${running.disk.port}/vault/` : null;
      const lockedNow = on && !running && core.deps.keys.root() === null;
      const told: Webdav['problem'] = lockedNow
        ? { code: 'LOCKED', text: 'The vault is locked, and the disk with it.', next: 'Unlock Hypha: it comes back.' }
        : problem;
      return {
        on,
        address: on ? address : null,
        user,
        hasPassword: stored.verifier !== null,
        port,
        connections: running?.disk.connections() ?? 0,
        ...(on && told ? { problem: told } : {}),
      };
    },
    async turnOn({ newPassword, port }) {
      const session = await core.session();
      return inTurn(async () => {
        const { makeVerifier, newPassword: make } = await import('./password.ts');
        const before = stored;
        const fresh = newPassword || !verifierFor(session) ? make(host.random) : null;
        const verifier =
          fresh === null
            ? stored.verifier
            : sealRow(session.keys, host.random, 'webdav', passwordRow, makeVerifier(fresh, host.random));
        const asIs =
          running?.session === session && fresh === null && (port === undefined || port === running.disk.port);
        stored = { ...stored, verifier };
        try {
          if (!asIs) {
            await close();
            await open(session, port ?? null);
          }
          // Kept from the first time on; one that is only there instead of a taken one is not.
          const kept = port ?? before.port ?? running?.disk.port ?? null;
          const next = { on: true, port: kept, verifier };
          await writeStored(home, next);
          stored = next;
        } catch (error) {
          stored = before;
          await close();
          if (before.on) await open(session, null).catch(() => {});
          throw error;
        }
        core.changed([], false);
        return fresh;
      });
    },
    turnOff: () =>
      inTurn(async () => {
        await close();
        problem = undefined;
        const next = { ...stored, on: false };
        // Off now, whatever the disk says of the file.
        stored = next;
        core.changed([], false);
        await writeStored(home, next);
      }),
  };
}
