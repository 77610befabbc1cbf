import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { toHex } from '#core/crypto/encoding.ts';
import type { Host, Logger } from '#core/host.ts';
import type { Hash32 } from '#shared/model/evm.ts';
import { type Fail, fail, isFail } from '#shared/rpc/fail.ts';
import { type LedgerThread, startLedgerThread } from '../thread/ledger-thread.ts';
import type { Newest } from '../thread/protocol.ts';
import type { Register } from './register.ts';

/** Before the thread is started again after it died: doubled each time it dies at once. */
const firstPauseMs = 500;
const longestPauseMs = 60_000;
/** A thread that lived so long did not die of how it was started. */
const livedMs = 30_000;
/** How far the ledger is, is written down beside it this often. */
const seenMs = 2_000;
/** Who asks while the thread starts waits for so long. */
const waitMs = 10_000;

export interface Running {
  readonly thread: LedgerThread;
  readonly incarnation: number;
  readonly newest: Newest;
}

export interface RunDeps {
  readonly host: Pick<Host, 'now' | 'setTimer'>;
  readonly log: Logger;
  readonly home: string;
  readonly register: Register;
  /** After each block, and when the ledger began to run or ended. */
  readonly changed: () => void;
  readonly made?: ((worker: Worker) => void) | undefined;
}

export const ownPath = (home: string): string => join(home, 'ledger', 'own.db');

/** The thread of the own ledger, kept running. What it had acknowledged when it died is on the disk. */
export function createRun({ host, log, home, register, changed, made }: RunDeps) {
  let running: { thread: LedgerThread; incarnation: number; newest: Newest; since: number } | null = null;
  let broken: Fail | null = null;
  let starting: Promise<void> | null = null;
  let opening: Promise<void> = Promise.resolve();
  let pauseMs = firstPauseMs;
  let cancelPause: () => void = () => {};
  let cancelSeen: (() => void) | null = null;
  let stopped = true;
  let unseen = false;

  const see = (): void => {
    cancelSeen?.();
    cancelSeen = null;
    if (running === null || !unseen) return;
    unseen = false;
    const { incarnation, newest } = running;
    try {
      register.seeSoon({ incarnation, number: newest.number, hash: toHex(newest.hash) });
    } catch (error) {
      // On a full disk: the next block tries again.
      unseen = true;
      log.warn({ error: String(error) }, 'how far the ledger is could not be written down');
    }
  };
  const block = (newest: Newest): void => {
    if (running === null) return;
    running.newest = newest;
    unseen = true;
    cancelSeen ??= host.setTimer(seenMs, see);
    changed();
  };
  const died = (error: Error): void => {
    log.error({ error: String(error) }, 'the thread of the ledger ended and is started again');
    const lived = running === null ? 0 : host.now() - running.since;
    running = null;
    pauseMs = lived > livedMs ? firstPauseMs : Math.min(2 * pauseMs, longestPauseMs);
    changed();
    again();
  };
  const again = (): void => {
    if (stopped) return;
    starting = new Promise<void>((resolve) => {
      cancelPause = host.setTimer(pauseMs, resolve);
    }).then(() => open(null));
  };

  const open = (operator: Uint8Array | null): Promise<void> => {
    opening = begin(operator);
    return opening;
  };
  const begin = async (operator: Uint8Array | null): Promise<void> => {
    if (stopped) return;
    try {
      const thread = await startLedgerThread(ownPath(home), operator, {
        ...{ log, block, died, setTimer: (ms: number, fire: () => void) => host.setTimer(ms, fire) },
        ...(made === undefined ? {} : { made }),
      });
      const incarnation = await settle(thread).catch(async (error: unknown) => {
        await thread.close();
        throw error;
      });
      if (stopped) return await thread.close();
      running = { thread, incarnation, newest: thread.opened.newest, since: host.now() };
      broken = null;
    } catch (error) {
      log.error({ error: String(error) }, 'the ledger could not be opened');
      const full = isFail(error, 'DISK_FULL');
      broken = full
        ? error
        : fail('LEDGER_BROKEN', isFail(error) ? error.message : 'Your ledger could not be opened.', brokenWords);
      // What is wrong with the file stays wrong; room on a disk, and memory, come back.
      if (full || !isFail(error)) died(error as Error);
    }
    changed();
  };

  /** Is it the ledger that is known here, and is it as far as it was? */
  const settle = async (thread: LedgerThread): Promise<number> => {
    const { chainId, genesis, newest, incarnation } = thread.opened;
    const chain = { id: String(chainId), genesis: `0x${toHex(genesis)}` as Hash32 };
    const record = register.get();
    if (record === null) throw new Error('a ledger runs that nobody wanted');
    if (record.chain === null) register.set({ ...record, chain });
    else if (record.chain.id !== chain.id || record.chain.genesis !== chain.genesis) {
      throw fail('LEDGER_BROKEN', 'The database in the place of your ledger is another ledger’s.', brokenWords);
    }
    const seen = register.seen();
    const hash = seen && (await thread.call.hashAt(seen.number));
    const fits = seen === null || (incarnation >= seen.incarnation && hash !== null && toHex(hash) === seen.hash);
    const next = fits ? incarnation : Math.max(incarnation, seen.incarnation) + 1;
    if (!fits) {
      log.warn({ incarnation: next }, 'the ledger is not as far as it was: it goes on as another incarnation');
      await thread.call.setIncarnation(next);
    }
    register.see({ incarnation: next, number: newest.number, hash: toHex(newest.hash) });
    return next;
  };

  return {
    /** Null while it does not run. */
    now: (): Running | null => running,
    /** Why it cannot run; null while it does, or nothing is wrong. */
    broken: () => broken,
    /** @param operator 20 bytes, for a ledger that is made now */
    async start(operator: Uint8Array | null): Promise<void> {
      stopped = false;
      starting = open(operator);
      await starting;
    },
    /** The thread, as soon as it runs. @throws Fail CHAIN_UNREACHABLE, or why it cannot run */
    async thread(): Promise<LedgerThread> {
      if (running === null && starting !== null && !stopped) {
        const late = new Promise<void>((resolve) => host.setTimer(waitMs, resolve));
        await Promise.race([starting, late]);
      }
      if (running !== null) return running.thread;
      throw broken ?? unreachable();
    },
    /** From now on it tells another story than before, and says so. */
    async another(next: number): Promise<void> {
      if (running === null) throw unreachable();
      const { thread, incarnation, newest } = running;
      const wanted = Math.max(next, incarnation + 1);
      await thread.call.setIncarnation(wanted);
      register.see({ incarnation: wanted, number: newest.number, hash: toHex(newest.hash) });
      running.incarnation = wanted;
      changed();
    },
    async stop(): Promise<void> {
      stopped = true;
      cancelPause();
      await opening;
      see();
      const was = running;
      running = null;
      await was?.thread.close();
    },
  };
}

export const unreachable = (): Fail =>
  fail('CHAIN_UNREACHABLE', 'Your ledger does not run at the moment.', {
    meaning: 'What it had confirmed is on the disk; what was just asked of it may have been done or not.',
    next: 'Try again in a moment.',
  });

const brokenWords = {
  meaning:
    'Credits, names and deals of your ledger cannot be looked at or changed until it is back. Its file was left as it is.',
  next: 'Put it back from a backup: ledger restore.',
};

export type Run = ReturnType<typeof createRun>;
