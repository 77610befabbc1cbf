import type { ChainRef } from '#shared/model/evm.ts';
import { useAgentQuery } from '../../lib/agent/hooks.ts';

/** A chain that the person has to do with. */
export interface KnownChain {
  readonly ref: ChainRef;
  readonly name: string;
}

/** Nothing while they are asked for. */
export function useChains(): readonly KnownChain[] {
  const { data } = useAgentQuery('ledger.status', {});
  const own = data?.own;
  return own?.chain ? [{ ref: own.chain, name: own.name }] : [];
}
