import type { Chain, Contracts } from '#core/evm/chain.ts';
import { answerIn } from '#core/evm/said.ts';
import { chainRef, type Hash32 } from '#shared/model/evm.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { type Run, unreachable } from './run.ts';

/** A call that takes all the gas of a block takes seconds; a queue of blocks before it some more. */
const answerMs = 120_000;
/** Conversation of the person's own parts; others have the numbers after it. */
export const ownSession = 0;

export interface OwnChainOf {
  readonly id: string;
  readonly genesis: Hash32;
  readonly name: string;
  readonly contracts: Contracts | null;
}

/** The own ledger as the other parts of Hypha ask it. */
export function ownChain(
  run: Run,
  { id, genesis, name, contracts }: OwnChainOf,
  setTimer: (ms: number, fire: () => void) => () => void,
): Chain {
  const chainId = BigInt(id);
  let asked = 0;
  return {
    ...{ ref: chainRef(chainId), kind: 'own', chainId, genesis, name, contracts },
    ...{ contact: null, confirmations: 0, free: true, coin: null },
    async request(method, params = [], { signal } = {}) {
      signal?.throwIfAborted();
      const number = ++asked;
      const text = JSON.stringify({ jsonrpc: '2.0', id: number, method, params });
      const answer = await within(askThread(run, ownSession, text), setTimer, signal);
      return answerIn(answer, number, 'Your ledger', unreachable);
    },
  };
}

/** @throws Fail CHAIN_UNREACHABLE also when the thread ended meanwhile */
export async function askThread(run: Run, session: number, text: string): Promise<string | null> {
  const thread = await run.thread();
  try {
    return await thread.call.ask(session, text);
  } catch (error) {
    throw isFail(error) ? error : unreachable();
  }
}

function within<T>(
  work: Promise<T>,
  setTimer: (ms: number, fire: () => void) => () => void,
  signal: AbortSignal | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = setTimer(answerMs, () => reject(unreachable()));
    const stop = (): void => reject(fail('CANCELLED', 'The question to your ledger was given up.'));
    signal?.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => {
      cancel();
      signal?.removeEventListener('abort', stop);
    });
  });
}
