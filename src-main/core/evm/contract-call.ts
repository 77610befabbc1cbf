import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  decodeFunctionResult,
  encodeFunctionData,
} from 'viem';
import type { EvmAddress } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { callContract } from './answers.ts';
import type { Asking } from './chain.ts';

type Reads<A extends Abi> = ContractFunctionName<A, 'view' | 'pure'>;

export interface Read<A extends Abi, N extends Reads<A>> {
  readonly abi: A;
  readonly address: EvmAddress;
  readonly functionName: N;
  readonly args: ContractFunctionArgs<A, 'view' | 'pure', N>;
}

/**
 * Ask a contract, whoever answers for the chain.
 *
 * @throws Fail of {@link Asking}; CHAIN_WRONG for an answer that is none of this contract
 */
export async function readContract<const A extends Abi, N extends Reads<A>>(
  chain: Asking,
  { abi, address, functionName, args }: Read<A, N>,
): Promise<ContractFunctionReturnType<A, 'view' | 'pure', N>> {
  const what = { abi, functionName, args } as unknown as Parameters<typeof encodeFunctionData>[0];
  const data = await callContract(chain, address, encodeFunctionData(what));
  try {
    return decodeFunctionResult({ ...what, data } as Parameters<typeof decodeFunctionResult>[0]) as never;
  } catch {
    throw fail('CHAIN_WRONG', `What answers for ${address} is not the contract that Hypha was built with.`, {
      meaning: 'Nothing was sent.',
      next: 'Check which chain this is, and who answers for it.',
    });
  }
}
