import type { EvmAddress } from '#shared/model/evm.ts';
import type { LedgerState } from './format.ts';

/** Something that stays behind, and why. */
export interface Left {
  readonly what: 'credits' | 'name' | 'deal';
  /** Address, label or deal id. */
  readonly which: string;
  readonly why: string;
}

/** What of a state is carried over: the same for the issuer, who does it, and for holders, who check it. */
export interface Plan {
  readonly issue: readonly { readonly to: EvmAddress; readonly amount: bigint }[];
  readonly names: LedgerState['names'];
  readonly left: readonly Left[];
}

export function planOf({ credits, names, deals }: LedgerState): Plan {
  const left: Left[] = [];
  const issue: { to: EvmAddress; amount: bigint }[] = [];
  for (const { address, held, inDeals, contract } of credits.holders) {
    const amount = BigInt(held) + BigInt(inDeals);
    if (contract)
      left.push({
        what: 'credits',
        which: address,
        why: 'a contract of the old ledger holds them, whose address nobody has a key of',
      });
    else issue.push({ to: address, amount });
  }
  for (const { id } of deals)
    left.push({
      what: 'deal',
      which: id,
      why: 'both parties sign a deal for one chain only; its provider offers it again, what lies in it goes to its parties',
    });
  return { issue, names, left };
}
