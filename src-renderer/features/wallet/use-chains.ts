import type { ChainRef } from '#shared/model/evm.ts';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import type { Token } from '../../lib/money/use-typed.ts';

/** A chain that the person has to do with. */
export interface KnownChain {
  readonly ref: ChainRef;
  readonly kind: 'own' | 'contact' | 'public';
  readonly name: string;
  /** What its operator issues there; null for a chain that belongs to nobody. */
  readonly credits: Token | null;
}

/** One's own ledger first, then public chains; nothing while they are asked for. */
export function useChains(): readonly KnownChain[] {
  const { data: status } = useAgentQuery('ledger.status', {});
  const { data: others } = useAgentQuery('ledger.chains', {});
  const own = status?.own;
  return [
    ...(own?.chain ? [{ ref: own.chain, kind: 'own' as const, name: own.name, credits: own }] : []),
    ...(others?.chains ?? []).map(({ ref, name }) => ({ ref, name, kind: 'public' as const, credits: null })),
  ];
}
