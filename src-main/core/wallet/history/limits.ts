import type { z } from 'zod';
import type { Chain } from '#core/evm/chain.ts';
import type { movementLimitSchema } from '#shared/contract/wallet/movements.ts';

/** What the list of movements cannot show of a chain, in plain words. */
export function limitOf(
  chain: Chain,
  seen: { readonly first: number; readonly upto: number } | null,
): z.infer<typeof movementLimitSchema> {
  const coin =
    chain.free || chain.coin === null
      ? ''
      : ` ${chain.coin.symbol} that came to you counts in what you have, but is not in this list.`;
  const since = seen === null || seen.first === 0 ? 'from its first block on' : `since block ${seen.first}`;
  const text =
    seen === null
      ? `${chain.name} was not looked through yet.`
      : `On ${chain.name} you see all that you sent from here, and transfers of the tokens in your list ${since}.${coin}`;
  return { chain: chain.ref, chainName: chain.name, text, seenTo: seen === null ? null : seen.upto };
}
