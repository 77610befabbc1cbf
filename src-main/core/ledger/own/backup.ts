import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { Accounts } from '#core/evm/accounts.ts';
import type { Host, Logger } from '#core/host.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { Safe } from '../ports.ts';
import type { Acts } from './acts.ts';
import { becomeLedger, completeBackup, readBackup } from './backup-file.ts';
import { noLedger, type Own } from './own.ts';
import type { KeptBackup } from './register.ts';
import { ownPath } from './run.ts';

/** Where it lies in the vault. */
export const backupPath: readonly string[] = ['Ledger', 'My ledger.hypha-ledger'];
/** Looked whether there is something new to keep, and when that is too soon: a large one is stored anew nearly whole. */
const lookMs = 10 * 60_000;
const small = { bytes: 4 * 1024 * 1024, everyMs: 60 * 60_000 };
const largeEveryMs = 24 * 60 * 60_000;

interface BackupDeps {
  readonly own: Own;
  readonly acts: Acts;
  readonly accounts: Accounts;
  readonly safe: Safe;
  readonly host: Pick<Host, 'now' | 'setTimer'>;
  readonly log: Logger;
  readonly home: string;
}

/** Keeps the own ledger where it survives this computer, and brings it back from there. */
export function createBackups({ own, acts, accounts, safe, host, log, home }: BackupDeps) {
  const { register, run } = own;
  const directory = dirname(ownPath(home));
  const stopping = new AbortController();
  let cancel: () => void = () => {};
  /** One at a time: they share a file. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work);
    turn = next.catch(() => {});
    return next;
  };

  /** @returns how far the ledger is in the file */
  async function copyTo(path: string): Promise<number> {
    const record = register.get();
    if (record === null) throw noLedger();
    const thread = await run.thread();
    await thread.call.copyTo(path);
    completeBackup(path, record, acts.all());
    return readBackup(path).number;
  }

  const keep = (to: string | null, signal: AbortSignal): Promise<KeptBackup> =>
    inTurn(async () => {
      const path = to ?? join(directory, 'backup.db');
      if (to === null) await rm(path, { force: true });
      try {
        const number = await copyTo(path);
        if (to === null) await safe.put(backupPath, path, signal);
        const kept = { at: host.now(), number };
        register.setBackup(kept);
        return kept;
      } finally {
        if (to === null) await rm(path, { force: true });
      }
    });

  async function look(): Promise<void> {
    const [now, last] = [run.now(), register.backup()];
    if (now === null || register.get()?.contracts == null || last?.number === now.newest.number) return;
    const { bytes } = await now.thread.call.size();
    if (last !== null && host.now() - last.at < (bytes < small.bytes ? small.everyMs : largeEveryMs)) return;
    await keep(null, stopping.signal);
  }
  const again = (): void => {
    cancel = host.setTimer(lookMs, () => {
      void look()
        .catch((error: unknown) => {
          // Locked, or no vault: what it waits for comes or does not.
          if (!isFail(error)) log.warn({ error: String(error) }, 'the ledger could not be kept in the vault');
        })
        .finally(() => {
          if (!stopping.signal.aborted) again();
        });
    });
  };

  return {
    keep,
    start: again,
    async stop() {
      stopping.abort();
      cancel();
      await turn;
    },
    checkRestore(): void {
      if (register.get() !== null && run.broken() === null) {
        throw fail('LEDGER_EXISTS', 'Your ledger works; nothing has to be put back.', {
          meaning: 'Nothing was changed. An older state in its place would lack what came after.',
          next: 'See ledger status.',
        });
      }
      if (accounts.main() === null) {
        throw fail('LOCKED', 'The key of the account that runs your ledger is not here now.', {
          next: 'Unlock Hypha first.',
        });
      }
    },
    /** @param from an absolute path; null for what the vault has */
    restore(from: string | null, signal: AbortSignal): Promise<void> {
      return inTurn(async () => {
        this.checkRestore();
        await mkdir(directory, { recursive: true, mode: 0o700 });
        const path = join(directory, 'restore.db');
        await rm(path, { force: true });
        try {
          if (from === null) await safe.fetch(backupPath, path, signal);
          else await copyFile(from, path);
          await takeUp(path);
        } finally {
          await rm(path, { force: true });
        }
      });
    },
  };

  async function takeUp(path: string): Promise<void> {
    const { record, acts: kept, incarnation, number, hash } = readBackup(path);
    const before = register.get();
    if (before?.chain && before.chain.genesis !== record.chain?.genesis) {
      throw fail('OTHER_LEDGER', 'This is a backup of another ledger than yours.', { meaning: 'Nothing was changed.' });
    }
    if (!accounts.list().some((one) => one.toLowerCase() === record.operator.toLowerCase())) {
      throw fail('OTHER_LEDGER', `This ledger is run by ${record.operator}, which is none of your accounts.`, {
        meaning: 'Nothing was changed.',
      });
    }
    const next = Math.max(incarnation, register.seen()?.incarnation ?? 0) + 1;
    becomeLedger(path, next);
    await run.stop();
    // What is there is kept: it may be mended yet.
    for (const end of ['-wal', '-shm', '']) {
      await rename(`${ownPath(home)}${end}`, `${ownPath(home)}.before-${next}${end}`).catch((error: unknown) => {
        if ((error as { code?: string }).code !== 'ENOENT') throw error;
      });
    }
    await rename(path, ownPath(home));
    register.set(record);
    for (const act of kept) acts.put(act);
    register.see({ incarnation: next, number, hash });
    await own.start();
  }
}

export type Backups = ReturnType<typeof createBackups>;

/** @throws Fail BAD_TARGET */
export function checkTarget(to: string | undefined): void {
  if (to === undefined || isAbsolute(to)) return;
  throw fail('BAD_TARGET', 'Give the whole path of a file.', { meaning: 'Nothing was written.' });
}
