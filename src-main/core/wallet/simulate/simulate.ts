import type { Hex } from 'viem';
import { z } from 'zod';
import type { Chain } from '#core/evm/chain.ts';
import type { Host } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { BlockFacts, Job, Result, Tried } from './protocol.ts';
import { createThread } from './trial-thread.ts';

/** A trial that takes longer is given up: with a node that answers it takes a second or two. */
const longestMs = 20_000;
/** Trials that wait; they are made one after the other. */
const mostWaiting = 32;

const lower = z.string().toLowerCase();
const quantity = lower.regex(/^0x[0-9a-f]{1,64}$/).transform((text) => BigInt(text));
const asHex = (text: string) => text as Hex;
const hash = lower.regex(/^0x[0-9a-f]{64}$/).transform(asHex);
const blockSchema = z.object({
  number: quantity,
  hash,
  stateRoot: hash,
  timestamp: quantity,
  gasLimit: quantity,
  miner: lower.regex(/^0x[0-9a-f]{40}$/).transform(asHex),
  mixHash: hash.default(asHex(`0x${'0'.repeat(64)}`)),
});

export interface Trial {
  readonly block: BlockFacts;
  readonly result: Result;
}

export interface Simulator {
  /**
   * Try a call after the chain’s newest block, in a thread of its own over the state of that block.
   *
   * @param watch tokens whose balance is compared in any case
   * @throws Fail of the chain; SLOW when it took too long, BUSY when too many wait
   */
  try(chain: Chain, call: Tried, watch: readonly Hex[], signal?: AbortSignal): Promise<Trial>;
  close(): Promise<void>;
}

export function createSimulator(host: Pick<Host, 'now' | 'setTimer'>): Simulator {
  const thread = createThread(host);
  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();

  const attempt = async (chain: Chain, call: Tried, watch: readonly Hex[], signal: AbortSignal): Promise<Trial> => {
    signal.throwIfAborted();
    const block = await newestBlock(chain, signal);
    const now = BigInt(Math.floor(host.now() / 1_000));
    const job: Job = {
      rules: chain.kind === 'public' ? 'public' : 'own',
      chainId: chain.chainId,
      block,
      at: now > block.timestamp ? now : block.timestamp + 1n,
      call,
      watch,
    };
    return {
      block,
      result: await thread.run(job, (method, params) => chain.request(method, params, { signal }), signal),
    };
  };

  return {
    async try(chain, call, watch, signal) {
      if (waiting >= mostWaiting)
        throw fail('BUSY', 'Too many calls wait to be tried.', { next: 'Try again in a moment.' });
      waiting += 1;
      const given = new AbortController();
      const late = fail('SLOW', 'The call took too long to be tried here.', { meaning: 'What it does is not known.' });
      const cancelled = () => given.abort(fail('CANCELLED', 'It was cancelled.'));
      signal?.addEventListener('abort', cancelled, { once: true });
      if (signal?.aborted) cancelled();
      const turn = last.then(async () => {
        const stop = host.setTimer(longestMs, () => given.abort(late));
        try {
          return await orAborted(attempt(chain, call, watch, given.signal), given.signal);
        } finally {
          stop();
        }
      });
      last = turn.catch(() => {});
      try {
        return await turn;
      } finally {
        waiting -= 1;
        signal?.removeEventListener('abort', cancelled);
      }
    },
    close: () => thread.close(),
  };
}

/** Nobody waits for a node that does not answer, whatever becomes of the question. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

async function newestBlock(chain: Chain, signal: AbortSignal): Promise<BlockFacts> {
  const parsed = blockSchema.safeParse(await chain.request('eth_getBlockByNumber', ['latest', false], { signal }));
  if (!parsed.success)
    throw fail('CHAIN_WRONG', 'The chain’s node told a block that is none.', {
      meaning: 'Nothing was signed or sent.',
      next: 'Use another node for this chain.',
    });
  const { miner, ...facts } = parsed.data;
  return { ...facts, coinbase: miner };
}
