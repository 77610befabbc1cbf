import { type Block, createBlock, createBlockHeaderFromRLP } from '@ethereumjs/block';
import type { Common } from '@ethereumjs/common';
import { createEVM } from '@ethereumjs/evm';
import { MerklePatriciaTrie } from '@ethereumjs/mpt';
import { MerkleStateManager } from '@ethereumjs/statemanager';
import { KECCAK256_RLP, ValueEncoding } from '@ethereumjs/util';
import { createVM, type VM } from '@ethereumjs/vm';
import type { NodeStore } from './node-store.ts';

/** Hash of a block that is there, for the opcode that asks for one; 32 zero bytes for others. */
export type HashOf = (number: number) => Uint8Array | null;

/**
 * A machine over the state of one block. It holds accounts, codes and storage in memory as it goes, so a machine whose block came
 * to nothing is thrown away: what it remembers is not what is on the disk.
 *
 * @param root of the state, 32 bytes
 */
export async function machineAt(common: Common, nodes: NodeStore, root: Uint8Array, hashOf: HashOf): Promise<VM> {
  const trie = new MerklePatriciaTrie({
    db: nodes,
    root,
    useKeyHashing: true,
    valueEncoding: ValueEncoding.Bytes,
    common,
  });
  const stateManager = new MerkleStateManager({ trie, common });
  const blockchain = {
    async getBlock(number: number) {
      return { hash: () => hashOf(number) ?? new Uint8Array(32) };
    },
    async putBlock() {},
    shallowCopy: () => blockchain,
  };
  const evm = await createEVM({ common, stateManager, blockchain });
  return createVM({ common, stateManager, blockchain, evm });
}

/** The first block: no accounts, no coin. */
export function genesisBlock(common: Common, at: number, gasLimit: bigint, extraData: Uint8Array): Block {
  const header = {
    number: 0n,
    timestamp: BigInt(at),
    gasLimit,
    baseFeePerGas: 0n,
    extraData,
    stateRoot: KECCAK256_RLP,
  };
  return createBlock({ header }, { common });
}

/** A block without its transactions, from its header as it is kept. */
export function blockFromHeader(common: Common, header: Uint8Array): Block {
  return createBlock({ header: createBlockHeaderFromRLP(header, { common }) }, { common });
}
