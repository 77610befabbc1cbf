import { type ChainRef, chainRef, type EvmAddress } from '#shared/model/evm.ts';

export interface Preset {
  readonly chain: ChainRef;
  readonly address: EvmAddress;
  readonly symbol: string;
  readonly decimals: number;
}

/**
 * Tokens that are looked for by themselves on chains that the person added. Their addresses are in the public documents of ThreeFold; what
 * the contract there says of itself is asked before it is shown, and one that says something else is not.
 */
export const presets: readonly Preset[] = [
  {
    chain: chainRef(1n),
    address: '0x395E925834996e558bdeC77CD648435d620AfB5b' as EvmAddress,
    symbol: 'TFT',
    decimals: 7,
  },
  {
    chain: chainRef(56n),
    address: '0x8f0FB159380176D324542b3a7933F0C2Fd0c2bbf' as EvmAddress,
    symbol: 'TFT',
    decimals: 7,
  },
];
