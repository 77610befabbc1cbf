import type { Chain } from '#core/evm/chain.ts';
import { chainSaid } from '#core/evm/said.ts';
import { fail } from '#shared/rpc/fail.ts';
import { RpcFailure } from '../rpc/failure.ts';
import { inWords, unreachable } from './connection.ts';
import type { ContactHeads } from './heads.ts';
import type { Joined } from './joined.ts';
import type { Answers } from './light/answers.ts';
import type { PeersDeps } from './ports.ts';
import { ConnectionLost, PeerSaid } from './wire/asking.ts';

/** Heads are asked for again when the last one is older. */
const freshMs = 1_000;
/** For one question, with all that has to be fetched for its answer. */
const answerMs = 90_000;

/** What is the same whatever the operator says. */
const fixed = new Set([
  'eth_chainId',
  'net_version',
  'eth_syncing',
  'eth_accounts',
  'eth_gasPrice',
  'eth_maxPriorityFeePerGas',
]);

export interface ContactChainDeps extends Pick<PeersDeps, 'host'> {
  readonly joined: Joined;
  readonly answers: Answers;
  readonly heads: ContactHeads;
  readonly name: () => string;
}

/** A contact's ledger as the other parts of Hypha ask it. */
export function createContactChain({ host, joined, answers, heads, name }: ContactChainDeps): Chain {
  const { ref, chainId, genesis, contact, contracts } = joined;
  let fresh = Number.NEGATIVE_INFINITY;

  const answer = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    if (!fixed.has(method) && host.now() - fresh >= freshMs) {
      const asked = host.now();
      await heads.refresh();
      fresh = asked;
    }
    return answers.answer(method, params);
  };
  /** Once more when the connection broke, as it does when a device sleeps; not what might be done twice. */
  const tried = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    try {
      return await answer(method, params);
    } catch (error) {
      if (method === 'eth_sendRawTransaction' || !(error instanceof ConnectionLost && error.why === 'cut')) throw error;
      return answer(method, params);
    }
  };

  return {
    ...{ ref, kind: 'contact', chainId, genesis, contact, contracts },
    ...{ confirmations: 0, free: true, coin: null },
    get name() {
      return ledgerOf(name());
    },
    async request(method, params = [], { signal } = {}) {
      signal?.throwIfAborted();
      const given = Promise.withResolvers<never>();
      const cancel = host.setTimer(answerMs, () => given.reject(unreachable(name(), 'it took too long')));
      const stop = (): void => given.reject(fail('CANCELLED', 'The question was given up.'));
      signal?.addEventListener('abort', stop, { once: true });
      try {
        return await Promise.race([tried(method, params), given.promise]);
      } catch (error) {
        const said = inWords(error, name());
        if (said instanceof RpcFailure || said instanceof PeerSaid) {
          const { code, message, data } = said;
          throw chainSaid(ledgerOf(name()), { code, message, ...(data === undefined ? {} : { data }) });
        }
        throw said;
      } finally {
        cancel();
        signal?.removeEventListener('abort', stop);
      }
    },
  };
}

const ledgerOf = (name: string): string => `${name}’s ledger`;
