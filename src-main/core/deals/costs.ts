import type { DealView, dealsContract } from '#shared/contract/deals.ts';
import { units } from '#shared/model/evm.ts';
import type { OutputOf } from '#shared/rpc/contract.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { groundOf, owedTo } from './chain/escrow.ts';
import { type Context, lowered } from './context.ts';

type Costs = OutputOf<(typeof dealsContract)['deals.costs']>;

const sum = (values: readonly string[]): bigint => values.reduce((total, value) => total + BigInt(value), 0n);

/** What burns money now, each token by itself: amounts of two tokens are never one number. */
export async function costsOf(context: Context, deals: readonly DealView[]): Promise<Costs> {
  const groups = new Map<string, DealView[]>();
  for (const deal of deals) {
    const key = `${deal.terms.chain} ${lowered(deal.terms.token.address)}`;
    groups.set(key, [...(groups.get(key) ?? []), deal]);
  }
  const tokens = await Promise.all(
    [...groups.values()].flatMap((group) => {
      const terms = group[0]?.terms;
      if (terms === undefined) return [];
      const { chain, chainName, token } = terms;
      const mine = group.filter(({ role }) => role === 'tenant');
      const runs = (list: readonly DealView[]) => list.filter(({ state }) => state === 'active');
      const aDay = (list: readonly DealView[]) => units(sum(runs(list).map((deal) => deal.terms.price.day)));
      const first = runs(mine)
        .flatMap(({ id, runsOutAt }) => (runsOutAt === null ? [] : [{ deal: id, at: runsOutAt }]))
        .sort((a, b) => a.at - b.at)[0];
      return [
        owed(context, terms).then((due) => ({
          ...{ chain, chainName, token },
          outADay: aDay(mine),
          inADay: aDay(group.filter(({ role }) => role === 'provider')),
          deposits: units(sum(mine.map(({ balance }) => balance))),
          spent: units(sum(mine.map(({ cost }) => cost))),
          owed: due === null ? null : units(due),
          next: first ?? null,
        })),
      ];
    }),
  );
  return { tokens };
}

async function owed({ deps }: Context, { chain, token }: DealView['terms']): Promise<bigint | null> {
  try {
    const ground = groundOf(deps.chains, chain);
    const each = await Promise.all(deps.accounts.list().map((who) => owedTo(ground, token.address, who)));
    return each.reduce((total, amount) => total + amount, 0n);
  } catch (error) {
    if (isFail(error)) return null;
    throw error;
  }
}
