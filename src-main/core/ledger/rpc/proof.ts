import { getMerkleStateProof, type MerkleStateManager } from '@ethereumjs/statemanager';
import { createAddressFromString } from '@ethereumjs/util';
import type { Ledger } from '../chain/ledger.ts';
import { blockNamed, type Findable } from './blocks.ts';
import { badParam } from './failure.ts';
import { bytesOf, data, quantity } from './hex.ts';

/** Slots that one question may ask for. */
const mostSlots = 64;

/** A number in hex as 32 bytes. @throws RpcFailure */
export function slotOf(value: unknown): Uint8Array {
  if (typeof value !== 'string' || !/^0x[0-9a-fA-F]{1,64}$/.test(value))
    throw badParam('the slot is not a number in hex');
  return Buffer.from(value.slice(2).padStart(64, '0'), 'hex');
}

/**
 * An account and slots of its storage, with the nodes of the state's tree that prove them against the root in the block's header
 * (EIP-1186). Of an account that is not there they prove just that.
 *
 * @throws RpcFailure
 */
export async function proofOf(
  ledger: Pick<Ledger, 'machine'> & Findable,
  who: unknown,
  slots: unknown,
  named: unknown,
): Promise<object> {
  const address = createAddressFromString(data(bytesOf(who, 'the address', 20)));
  if (!Array.isArray(slots) || slots.length > mostSlots) throw badParam(`slots are a list of at most ${mostSlots}`);
  const wanted = slots.map(slotOf);
  const machine = await ledger.machine(blockNamed(ledger, named).number);
  const proof = await getMerkleStateProof(machine.stateManager as MerkleStateManager, address, wanted);
  return {
    ...proof,
    // An account that is not there has none: that it is not there proves them all.
    storageProof: slots.map((key: string, i) => {
      const { value = '0x0', proof: nodes = [] } = proof.storageProof[i] ?? {};
      return { key, value: quantity(BigInt(value)), proof: nodes };
    }),
  };
}
