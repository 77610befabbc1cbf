import type { Hash32 } from '#shared/model/evm.ts';

/** A chain that many know. Who answers for it is the person's choice: no server stands here. */
export interface Preset {
  readonly chainId: bigint;
  readonly name: string;
  readonly symbol: string;
  /** Hash of its first block: what another chain of the same id does not have. */
  readonly genesis: Hash32;
  /** Blocks after which Hypha takes a transaction for done. */
  readonly confirmations: number;
  /** Its coin is worth nothing: for trying things. */
  readonly test: boolean;
}

/** Ids and coins: https://chainid.network. First blocks: what the clients of each chain are built with. */
export const presets: readonly Preset[] = [
  {
    chainId: 1n,
    name: 'Ethereum',
    symbol: 'ETH',
    genesis: '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3' as Hash32,
    confirmations: 12,
    test: false,
  },
  {
    chainId: 56n,
    name: 'BNB Smart Chain',
    symbol: 'BNB',
    genesis: '0x0d21840abff46b96c84b2ac9e10e4f5cdaeb5693cb665db62a2f3b02d2d57b5b' as Hash32,
    confirmations: 15,
    test: false,
  },
  {
    chainId: 100n,
    name: 'Gnosis',
    symbol: 'xDAI',
    genesis: '0x4f1dd23188aab3a76b463e4af801b52b1248ef073c648cbdc4c9333d3da79756' as Hash32,
    confirmations: 12,
    test: false,
  },
  {
    chainId: 8_453n,
    name: 'Base',
    symbol: 'ETH',
    genesis: '0xf712aa9241cc24369b143cf6dce85f0902a9731e70d66818a3a5845b296c73dd' as Hash32,
    confirmations: 30,
    test: false,
  },
  {
    chainId: 42_161n,
    name: 'Arbitrum One',
    symbol: 'ETH',
    genesis: '0x7ee576b35482195fc49205cec9af72ce14f003b9ae69f6ba0faef4514be8b442' as Hash32,
    confirmations: 60,
    test: false,
  },
  {
    chainId: 11_155_111n,
    name: 'Sepolia',
    symbol: 'ETH',
    genesis: '0x25a5cc106eea7138acab33231d7160d69cb777ee0c2c553fcddf5138993e6dd9' as Hash32,
    confirmations: 3,
    test: true,
  },
];

export const presetOf = (chainId: bigint): Preset | null => presets.find((one) => one.chainId === chainId) ?? null;
