import { type Hex, pad } from 'viem';
import { z } from 'zod';
import type { Chain } from '#core/evm/chain.ts';
import type { Approval } from '#shared/contract/wallet/review.ts';
import { units } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { checked } from '../guards/addresses.ts';
import { viewOf } from '../reading/tokens.ts';
import { type Allowed, allowedBy, allowedNow, balanceOf, factsOf } from '../simulate/tokens.ts';
import { permissionOf } from './outcome.ts';
import { pastLogs } from './past-logs.ts';
import type { Reviewer } from './reviewer.ts';

/** More than a person could look through; the newest are kept. */
const mostApprovals = 200;

const approval = '0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925';
const approvalForAll = '0x17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31';

export interface Approvals {
  readonly approvals: Approval[];
  readonly from: number;
  readonly to: number;
}

/** Whom an account allowed to take something, as its tokens answer now. What its logs say only tells whom to ask about. */
export async function approvalsOf(
  chain: Chain,
  owner: Hex,
  reviewer: Pick<Reviewer, 'party'>,
  signal?: AbortSignal,
): Promise<Approvals> {
  const newest = z
    .string()
    .regex(/^0x[0-9a-f]{1,12}$/i)
    .safeParse(await chain.request('eth_blockNumber'));
  if (!newest.success) throw fail('CHAIN_WRONG', 'The chain’s node does not say how long the chain is.');
  const to = Number(newest.data);
  const topics = [[approval, approvalForAll], pad(owner)];
  const { logs, from } = await pastLogs(chain, { topics }, to, signal);
  const last = new Map<string, { allowed: Allowed; block: number }>();
  for (const log of logs) {
    const allowed = allowedBy(log);
    if (allowed === null || allowed.owner !== owner.toLowerCase()) continue;
    last.set(`${allowed.token} ${allowed.kind} ${allowed.spender} ${allowed.id}`, { allowed, block: log.block });
  }
  const view = viewOf(chain, signal);
  const look = { party: (address: string) => reviewer.party(chain, address) };
  const approvals: Approval[] = [];
  for (const { allowed, block } of [...last.values()].sort((a, b) => b.block - a.block).slice(0, mostApprovals)) {
    const amount = await allowedNow(view, allowed);
    if (amount === null || amount === 0n) continue;
    const facts = await factsOf(view, allowed.token, allowed.of);
    const asset = {
      kind: allowed.of,
      address: checked(allowed.token),
      symbol: facts.symbol,
      decimals: facts.decimals,
      id: allowed.id === null ? null : units(allowed.id),
    };
    const balance = allowed.kind === 'amount' ? await balanceOf(view, allowed.token, owner, null) : null;
    approvals.push({
      ...permissionOf({ ...allowed, amount }, asset, look),
      chain: chain.ref,
      block,
      balance: balance === null ? null : units(balance),
    });
  }
  return { approvals, from, to };
}
