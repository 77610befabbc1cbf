import type { Chains } from '#core/evm/chain.ts';
import type { ChainSource } from './ports.ts';

/** All chains, of whatever source. One chain id is one chain: the source that comes first has it. */
export function mergeChains(sources: readonly ChainSource[]): Chains {
  const list = () => {
    const found = new Map(
      sources.flatMap((source) => source.list().map((chain) => [chain.ref, chain] as const)).reverse(),
    );
    return [...found.values()].reverse();
  };
  return {
    list,
    find: (ref) => list().find((chain) => chain.ref === ref) ?? null,
    onChange(changed) {
      const stops = sources.map((source) => source.onChange(changed));
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}
