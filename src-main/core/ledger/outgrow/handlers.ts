import { getAddress } from 'viem';
import type { Handlers } from '#core/broker/handlers.ts';
import type { Accounts } from '#core/evm/accounts.ts';
import type { Chain, Chains } from '#core/evm/chain.ts';
import type { Host } from '#core/host.ts';
import type { ledgerOutgrowContract } from '#shared/contract/ledger/outgrow.ts';
import type { EvmAddress, Hash32 } from '#shared/model/evm.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { PublicPart } from '../public/index.ts';
import { putContracts } from '../public/put.ts';
import { carryOver } from './carry.ts';
import { checkCarried } from './check.ts';
import { encodeExport, hashOfState, type LedgerState, longestExport, readExport, statementOf } from './format.ts';
import { planOf } from './plan.ts';
import { readState } from './state.ts';

export interface OutgrowDeps {
  readonly host: Pick<Host, 'setTimer'>;
  readonly accounts: Accounts;
  readonly chains: Chains;
  readonly public_: PublicPart;
  /** The person's own ledger; null while there is none that answers. */
  readonly own: () => Chain | null;
}

/** From an own ledger to a public chain. */
export function outgrowHandlers(deps: OutgrowDeps): Handlers<typeof ledgerOutgrowContract> {
  const { host, accounts, chains, public_ } = deps;
  return {
    'ledger.putContracts': async ({ chain, nameDeposit }, { step, signal }) => {
      const made = await putContracts(chain, BigInt(nameDeposit), { chains: public_, accounts, step }, signal);
      return public_.show(made);
    },
    'ledger.exportState': async (_input, { signal }) => {
      const own = deps.own();
      if (own === null)
        throw fail('NO_LEDGER', 'You have no ledger of your own that answers.', { next: 'Open one first.' });
      const state = await readState(own, null, () => {}, signal);
      const { credits, names, block } = state;
      const issuer = accounts.list().find((one) => one.toLowerCase() === credits.issuer);
      if (issuer === undefined) {
        throw fail('NOT_ISSUER', 'The account that issues the credits of this ledger is not here.', {
          next: 'Do it where that account is.',
        });
      }
      const signature = await accounts.signTypedData(issuer, statementOf(state));
      return {
        text: encodeExport({ state, signature }),
        hash: hashOfState(state),
        ...{ block: block.number, supply: credits.supply, holders: credits.holders.length, names: names.length },
        left: [...planOf(state).left],
      };
    },
    'ledger.carryOver': async ({ export: file, chain: ref }, { step, progress, signal }) => {
      const { state } = await readExport(textOf(file));
      const chain = public_.get(ref);
      const done = await carryOver(
        state,
        chain,
        {
          ...{ accounts, step, progress },
          secret: public_.secretOf,
          pause: (ms, until) => pause(host, ms, until),
        },
        signal,
      );
      const now = public_.get(ref).contracts;
      if (now !== null) await public_.setContracts(ref, { ...now, credits: done.credits });
      return { ...done, left: [...done.left] };
    },
    'ledger.checkExport': async ({ export: file, chain: ref, credits }, { signal }) => {
      const { state, hash } = await readExport(textOf(file));
      const plan = planOf(state);
      return {
        hash,
        issuer: getAddress(state.credits.issuer) as EvmAddress,
        ...{ from: state.chain, block: state.block.number, supply: state.credits.supply },
        holders: state.credits.holders.length,
        source: await compareWithSource(chains, state, hash, signal),
        differences:
          ref === undefined
            ? null
            : await checkCarried(state, chainOf(chains, ref), creditsOf(chains, ref, credits), signal),
        left: [...plan.left],
      };
    },
  };
}

const textOf = (file: Uint8Array): string => {
  if (file.length > longestExport) throw fail('EXPORT_INVALID', 'This is longer than any export of a ledger.');
  return new TextDecoder().decode(file);
};

function chainOf(chains: Chains, ref: Chain['ref']): Chain {
  const chain = chains.find(ref);
  if (chain === null)
    throw fail('NOT_FOUND', `The chain ${ref} is not known here.`, { next: 'Add it first.', data: { what: 'chain' } });
  return chain;
}

function creditsOf(chains: Chains, ref: Chain['ref'], given: EvmAddress | undefined): EvmAddress {
  const at = given ?? chainOf(chains, ref).contracts?.credits ?? null;
  if (at === null) {
    throw fail('NOT_FOUND', `No credits are known on ${ref}.`, {
      next: 'Say where they lie; whoever carried them over knows it.',
      data: { what: 'credits' },
    });
  }
  return at;
}

/** Read the same from the ledger itself, where it can be asked. */
async function compareWithSource(chains: Chains, state: LedgerState, hash: Hash32, signal: AbortSignal) {
  const source = chains.find(state.chain);
  if (source === null || source.genesis !== state.genesis) return 'unknown';
  try {
    return hashOfState(await readState(source, state.block.number, () => {}, signal)) === hash ? 'same' : 'differs';
  } catch (error) {
    if (!isFail(error)) throw error;
    return 'unknown';
  }
}

const pause = (host: Pick<Host, 'setTimer'>, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = host.setTimer(ms, () => {
      signal.removeEventListener('abort', gone);
      resolve();
    });
    const gone = () => {
      stop();
      reject(signal.reason);
    };
    signal.addEventListener('abort', gone, { once: true });
  });
