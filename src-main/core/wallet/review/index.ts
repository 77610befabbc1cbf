import { encodeFunctionData, erc20Abi, erc721Abi, type Hex, zeroAddress } from 'viem';
import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { Chain } from '#core/evm/chain.ts';
import type { walletReviewContract } from '#shared/contract/wallet/review.ts';
import { parsePaymentRequest } from '#shared/model/eip681.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { checked } from '../guards/addresses.ts';
import { aboutRecipient } from '../guards/guards.ts';
import { createSimulator } from '../simulate/simulate.ts';
import { approvalsOf } from './approvals.ts';
import type { ReviewDeps } from './ports.ts';
import { createReviewer, type Reviewer } from './reviewer.ts';

type ReviewContract = typeof walletReviewContract;

/** Looking at what is to be signed, and taking back what was allowed. */
export interface ReviewPart {
  readonly handlers: Handlers<ReviewContract>;
  readonly checks: Checks<ReviewContract>;
  readonly naming: Naming<ReviewContract>;
  readonly reviewer: Reviewer;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function createReview({ host, chains, accounts, book }: ReviewDeps): ReviewPart {
  const simulator = createSimulator(host);
  const reviewer = createReviewer({ host, simulator, book });

  const chainOf = (ref: ChainRef): Chain => {
    const chain = chains.find(ref);
    if (chain === null)
      throw fail('NOT_FOUND', `There is no chain ${ref} among yours.`, { next: 'Look at the list of your chains.' });
    return chain;
  };
  const ownerOf = (given: EvmAddress | undefined): EvmAddress => {
    const account = given === undefined ? accounts.main() : checked(given);
    if (account === null)
      throw fail('NO_ACCOUNT', 'There is no account of yours here.', { next: 'Unlock Hypha, or name an account.' });
    return account;
  };
  const lower = (address: string) => address.toLowerCase() as Hex;

  type Revoking = Parameters<Handlers<ReviewContract>['wallet.revoke']>[0];
  const sendingOf = (input: Revoking) => {
    const { kind, id } = input;
    if (kind === 'item' && id === undefined)
      throw fail('BAD_INPUT', 'Say which item.', { meaning: 'Nothing was done.', next: 'Give its number.' });
    const token = checked(input.token);
    const spender = checked(input.spender);
    const data = {
      amount: () => encodeFunctionData({ abi: erc20Abi, functionName: 'approve', args: [spender, 0n] }),
      item: () => encodeFunctionData({ abi: erc721Abi, functionName: 'approve', args: [zeroAddress, BigInt(id ?? 0)] }),
      all: () => encodeFunctionData({ abi: erc721Abi, functionName: 'setApprovalForAll', args: [spender, false] }),
    }[kind]();
    return { chain: chainOf(input.chain).ref, from: ownerOf(input.account), to: token, data };
  };

  const named = (chain: ChainRef, address: string): string | undefined => {
    const found = chains.find(chain);
    const name = found === null ? null : reviewer.party(found, address).name;
    return name === null ? undefined : `“${name}” (${address})`;
  };

  return {
    reviewer,
    handlers: {
      'wallet.review': async (input, { signal }) =>
        reviewer.call(
          chainOf(input.chain),
          {
            from: lower(checked(input.from)),
            to: input.to === undefined ? null : lower(checked(input.to)),
            data: lower(input.data),
            value: BigInt(input.value),
          },
          signal,
        ),
      'wallet.reviewTyped': async (input, { signal }) =>
        reviewer.typed(chainOf(input.chain), lower(checked(input.from)), input.typed, signal),
      async 'wallet.readLink'({ link }) {
        const request = parsePaymentRequest(link);
        if (request === null)
          throw fail('LINK_INVALID', 'This is no payment link that Hypha can read.', {
            meaning: 'Nothing was paid.',
            next: 'Ask for an address and an amount instead.',
          });
        const chain = chains.find(request.chain);
        const to = checked(request.to);
        const party =
          chain === null ? { address: to, name: null, kind: 'unknown' as const } : reviewer.party(chain, to);
        const token = request.token === null ? null : checked(request.token);
        const from = accounts.main() ?? zeroAddress;
        const who = { party, role: 'gets' as const, hasCode: false };
        return {
          chain: request.chain,
          known: chain !== null,
          to: party,
          token,
          amount: request.amount === null ? null : (String(request.amount) as never),
          warnings: aboutRecipient(who, request.chain, from, token, book),
        };
      },
      'wallet.approvals': async (input, { signal }) =>
        approvalsOf(chainOf(input.chain), lower(ownerOf(input.account)), reviewer, signal),
      async 'wallet.revoke'(input) {
        const sending = sendingOf(input);
        const key = input.key ?? Buffer.from(host.random(16)).toString('hex');
        const spender = named(sending.chain, input.spender) ?? input.spender;
        const hash = await accounts.send({
          ...sending,
          key: `revoke ${key}`,
          about: `${spender} may no longer take ${named(sending.chain, input.token) ?? input.token}`,
        });
        return { hash };
      },
    },
    checks: {
      'wallet.revoke': (input) => void sendingOf(input),
    },
    naming: {
      'wallet.revoke': ({ chain, token, spender }) => ({ token: named(chain, token), spender: named(chain, spender) }),
    },
    // The thread that tries calls starts with the first one.
    start: async () => {},
    stop: () => simulator.close(),
  };
}
