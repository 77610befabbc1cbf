import { z } from 'zod';
import type { Receipt } from '#core/evm/accounts.ts';
import { ask, hashSchema, hex, newestBlock, quantitySchema } from '#core/evm/answers.ts';
import type { Chain } from '#core/evm/chain.ts';
import type { Emit, Host, Logger } from '#core/host.ts';
import type { ChainRef, Hash32 } from '#shared/model/evm.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { failures } from '../failures.ts';
import type { Outbox } from './outbox.ts';
import { receiptOf } from './receipt.ts';
import type { SendTable, Sent } from './send-table.ts';

interface Deps {
  readonly table: SendTable;
  readonly outbox: Pick<Outbox, 'give' | 'chainOf' | 'kindOf'>;
  readonly host: Pick<Host, 'now' | 'setTimer'>;
  readonly log: Logger;
  readonly emit: Emit;
}

/** What waits is handed to its chain again so often: chains forget what they could not place. */
const againMs = 60_000;
/** Looked after by itself so often: soon after something was sent, and where blocks come as fast as transactions. */
const roundMs = { soon: 300, own: 1_000, contact: 5_000, public: 15_000, idle: 60_000 } as const;
const firstLookMs = { own: 20, contact: 200, public: 1_000 } as const;
const longestMs = { own: 1_000, contact: 4_000, public: 8_000 } as const;
/** So many looks in a row may fail while somebody waits. */
const mostFailures = 5;
/** A transaction that is not from here and that nobody knows is given up after so many looks. */
const mostUnknown = 30;

const anySchema = z.object({ hash: hashSchema }).nullable();

export type Follow = ReturnType<typeof createFollow>;

/** Sees what becomes of what was sent, until enough blocks follow it. */
export function createFollow({ table, outbox, host, log, emit }: Deps) {
  const looking = new Map<Hash32, Promise<Sent>>();
  let stopped = false;
  let cancel: (() => void) | null = null;

  function update(sent: Sent, change: Partial<Pick<Sent, 'state' | 'receipt' | 'fee'>>): Sent {
    const now = table.byHash(sent.hash) ?? sent;
    const after = table.update(sent.hash, change);
    if (after.state !== now.state) emit({ topic: 'wallet', ids: [sent.hash] });
    return after;
  }

  async function lookOnce(sent: Sent): Promise<Sent> {
    const chain = outbox.chainOf(sent.chain);
    const found = await receiptOf(chain, sent.hash);
    if (found !== null) {
      const state = (await isDeep(chain, found.receipt.block)) ? 'done' : 'included';
      const after = update(sent, { state, ...found });
      if (state === 'done') {
        for (const other of table.siblings(sent)) if (other.hash !== sent.hash) update(other, { state: 'replaced' });
      }
      return after;
    }
    // It was in a block that is none any more.
    const now = sent.state === 'included' ? update(sent, { state: 'waiting', receipt: null, fee: null }) : sent;
    if (await isPassed(chain, sent)) {
      // Asked once more: it may have come into a block between the two questions.
      if ((await receiptOf(chain, sent.hash)) !== null) return now;
      const ours = table
        .siblings(sent)
        .some(({ hash, state }) => hash !== sent.hash && (state === 'included' || state === 'done'));
      return update(now, { state: ours ? 'replaced' : 'lost' });
    }
    if (now.state === 'refused' || (now.sentAt !== null && Math.abs(host.now() - now.sentAt) < againMs)) return now;
    return outbox.give(now);
  }

  /** Enough blocks follow. */
  async function isDeep(chain: Chain, block: bigint): Promise<boolean> {
    return chain.confirmations === 0 || (await newestBlock(chain)) - block >= BigInt(chain.confirmations);
  }

  /** The account's number went past this one's, so deep that it stays. */
  async function isPassed(chain: Chain, { sender, nonce }: Sent): Promise<boolean> {
    const deep = (await newestBlock(chain)) - BigInt(chain.confirmations);
    if (deep < 0n) return false;
    const count = await ask(chain, quantitySchema, 'eth_getTransactionCount', [sender, hex(deep)]);
    return count > BigInt(nonce);
  }

  /** See what became of it by now. Two who ask at once share one look. @throws Fail of the chain */
  function look(sent: Sent): Promise<Sent> {
    if (!isOpen(sent)) return Promise.resolve(sent);
    const running = looking.get(sent.hash);
    if (running !== undefined) return running;
    const run = lookOnce(sent).finally(() => looking.delete(sent.hash));
    looking.set(sent.hash, run);
    return run;
  }

  const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const over = () => reject(fail('CANCELLED', 'The wait was ended.', { meaning: 'What was sent goes on.' }));
      if (signal?.aborted) return over();
      const stopTimer = host.setTimer(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      const onAbort = () => {
        stopTimer();
        over();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });

  /** Look again and again until there is something to say. */
  async function wait<T>(chain: Chain, once: () => Promise<T | null>, signal?: AbortSignal): Promise<T> {
    let failed = 0;
    for (let ms: number = firstLookMs[chain.kind]; ; ms = Math.min(ms * 1.5, longestMs[chain.kind])) {
      try {
        const answer = await once();
        if (answer !== null) return answer;
        failed = 0;
      } catch (error) {
        if (!isFail(error, 'CHAIN_UNREACHABLE') || ++failed >= mostFailures) throw error;
      }
      await pause(ms, signal);
    }
  }

  /** What came of it or of what was sent in its place for the same; null while that is open. @throws Fail TX_LOST */
  async function outcome(hash: Hash32): Promise<Receipt | null> {
    const first = table.byHash(hash);
    if (first === null) throw new Error(`no transaction ${hash}`);
    for (const sent of table.siblings(first)) {
      const now = await look(sent).catch((error: unknown) => {
        // The chain refuses it now: whether it is lost shows by the account's number.
        if (isFail(error, 'CALL_REFUSED')) return table.byHash(sent.hash) ?? sent;
        throw error;
      });
      if (now.state !== 'done' || now.receipt === null) continue;
      if (now.hash !== hash && now.kind === 'cancel') throw failures.lost();
      return now.receipt;
    }
    const all = table.siblings(first);
    if (all.every(({ state }) => state === 'lost' || state === 'replaced')) throw failures.lost();
    if (all.every((sent) => !isOpen(sent) || sent.state === 'refused'))
      throw failures.notTaken(first.refusal ?? 'it says no why');
    return null;
  }

  async function round(): Promise<void> {
    const unreachable = new Set<ChainRef>();
    for (const sent of table.open()) {
      if (stopped) return;
      if (unreachable.has(sent.chain)) continue;
      await look(sent).catch((error: unknown) => {
        if (isFail(error, 'CALL_REFUSED') || isFail(error, 'TX_LOST')) return;
        unreachable.add(sent.chain);
        if (!isFail(error)) log.error({ error: String(error) }, 'what became of a transaction could not be seen');
      });
    }
  }

  /** Until something of what is open may have changed. */
  function restMs(): number {
    const waits = table.open().flatMap(({ chain, state }) => {
      const kind = state === 'refused' ? null : outbox.kindOf(chain);
      return kind === null ? [] : [roundMs[kind]];
    });
    return Math.min(roundMs.idle, ...waits);
  }

  let rounding = false;
  function after(ms: number): void {
    cancel?.();
    cancel = host.setTimer(ms, () => {
      rounding = true;
      void round().finally(() => {
        rounding = false;
        if (!stopped) after(restMs());
      });
    });
  }

  return {
    look,
    round,
    /** @throws Fail CHAIN_UNREACHABLE, TX_LOST, CANCELLED and those of the chain */
    async settled(chainRef: ChainRef, hash: Hash32, signal?: AbortSignal): Promise<Receipt> {
      const chain = outbox.chainOf(chainRef);
      if (table.byHash(hash) !== null) return wait(chain, () => outcome(hash), signal);
      let unknown = 0;
      return wait(
        chain,
        async () => {
          const found = await receiptOf(chain, hash, signal);
          if (found !== null) return (await isDeep(chain, found.receipt.block)) ? found.receipt : null;
          if ((await ask(chain, anySchema, 'eth_getTransactionByHash', [hash])) !== null) unknown = 0;
          else if (++unknown >= mostUnknown) throw failures.lost();
          return null;
        },
        signal,
      );
    },
    start(): void {
      // What a crash left written and unsent goes out at once.
      after(0);
    },
    /** Something was sent just now. */
    soon(): void {
      if (!stopped && !rounding) after(roundMs.soon);
    },
    async stop(): Promise<void> {
      stopped = true;
      cancel?.();
      await Promise.allSettled(looking.values());
    },
  };
}

const isOpen = ({ state }: Sent): boolean => ['written', 'waiting', 'included', 'refused'].includes(state);
