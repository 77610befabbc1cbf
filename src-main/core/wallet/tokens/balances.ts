import type { Chain, Chains } from '#core/evm/chain.ts';
import type { Balance, Token } from '#shared/contract/wallet/money.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { coinsOf } from '../outbox/preflight.ts';
import { sumOf } from '../sums.ts';
import { balanceOf } from './erc20.ts';
import type { Tokens } from './tokens.ts';

interface Answer {
  readonly balances: Balance[];
  readonly unreachable: { chain: ChainRef; name: string; why: string }[];
}

/** Questions to one chain at a time. */
const atOnce = 8;

export const heldOf = (chain: Chain, token: Pick<Token, 'address'>, account: EvmAddress): Promise<bigint> =>
  token.address === null ? coinsOf(chain, account) : balanceOf(chain, token.address, account);

/** What accounts hold on every chain. A chain that does not answer is named, and takes nothing from the others. */
export async function balancesOf(chains: Chains, tokens: Tokens, accounts: readonly EvmAddress[]): Promise<Answer> {
  const answer: Answer = { balances: [], unreachable: [] };
  const all = await Promise.all(
    chains.list().map(async (chain) => {
      try {
        await tokens.refresh(chain);
        return await ofChain(chain, tokens, accounts);
      } catch (error) {
        if (!isFail(error)) throw error;
        return { chain: chain.ref, name: chain.name, why: error.message };
      }
    }),
  );
  for (const one of all) Array.isArray(one) ? answer.balances.push(...one) : answer.unreachable.push(one);
  return answer;
}

async function ofChain(chain: Chain, tokens: Tokens, accounts: readonly EvmAddress[]): Promise<Balance[]> {
  const asked = accounts.flatMap((account) => tokens.list(chain.ref).map((token) => ({ account, token })));
  const found: Balance[] = [];
  for (let i = 0; i < asked.length; i += atOnce) {
    const some = await Promise.all(
      asked.slice(i, i + atOnce).map(async ({ account, token }) => {
        // A token that does not answer as one takes nothing from the others.
        const amount = await heldOf(chain, token, account).catch((error: unknown) => {
          if (isFail(error, 'NOT_A_TOKEN') || isFail(error, 'CHAIN_SAID')) return null;
          throw error;
        });
        return { account, token, amount };
      }),
    );
    for (const { account, token, amount } of some) {
      if (amount === null || (amount === 0n && token.kind === 'added')) continue;
      found.push({ account, token, sum: sumOf(amount, token) });
    }
  }
  return found;
}
