import { createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM } from '@ethereumjs/evm';
import { Account, createAddressFromString } from '@ethereumjs/util';
import { type Abi, decodeFunctionResult, encodeDeployData, encodeFunctionData, type Hex, hexToBytes } from 'viem';
import type { EvmAddress } from '#shared/model/evm.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Asking, Contracts } from './chain.ts';
import { attestations } from './contracts/attestations.generated.ts';
import { credits } from './contracts/credits.generated.ts';
import { deals } from './contracts/deals.generated.ts';
import { names } from './contracts/names.generated.ts';
import { nodes } from './contracts/nodes.generated.ts';

/** What `npm run build:contracts` makes of a contract, as far as it is put on a chain. */
export interface Built {
  readonly name: string;
  readonly abi: readonly unknown[];
  readonly bytecode: string;
}

/** More than any of the constructors takes. */
const constructorGas = 30_000_000n;

/**
 * The code that a contract of ours has at an address. Its constructor is run here for just that address and chain, because what it
 * computes of them lies within the code: so all of the code can be compared, and nothing is left out of it.
 */
export async function codeOf(contract: Built, args: readonly unknown[], at: EvmAddress, chainId: bigint): Promise<Hex> {
  const common = createCustomCommon({ chainId: Number(chainId) }, Mainnet, { hardfork: Hardfork.Cancun });
  const evm = await createEVM({ common });
  const to = createAddressFromString(at);
  await evm.stateManager.putAccount(to, new Account());
  const code = encodeDeployData({ abi: contract.abi as Abi, bytecode: contract.bytecode as Hex, args });
  const { returnValue, exceptionError } = await evm.runCode({
    code: hexToBytes(code),
    to,
    gasLimit: constructorGas,
  });
  if (exceptionError !== undefined) throw new Error(`${contract.name} cannot be made: ${exceptionError.error}`);
  return `0x${Buffer.from(returnValue).toString('hex')}`;
}

/** What does not lie where it is said to. */
export interface NotOurs {
  readonly contract: keyof Contracts;
  readonly at: EvmAddress;
  /** `none` nothing lies there; `other` something else does. */
  readonly found: 'none' | 'other';
}

/**
 * Compare the code of contracts on a chain with what Hypha was built with.
 *
 * @returns the first that differs; null when all are ours
 * @throws what the chain does
 */
export async function compareContracts(
  chain: Asking,
  chainId: bigint,
  contracts: { readonly [N in keyof Contracts]: EvmAddress | null },
): Promise<NotOurs | null> {
  for (const [contract, built] of Object.entries(builds) as [keyof Contracts, (typeof builds)[keyof Contracts]][]) {
    const at = contracts[contract];
    if (at === null) continue;
    const code = await chain.request('eth_getCode', [at, 'latest']);
    if (code === '0x') return { contract, at, found: 'none' };
    const args: unknown[] = [];
    for (const name of built.args) {
      const value = await read(chain, at, built.contract, name);
      if (value === undefined) return { contract, at, found: 'other' };
      args.push(value);
    }
    if (code !== (await codeOf(built.contract, args, at, chainId))) return { contract, at, found: 'other' };
  }
  return null;
}

/** Each contract, and the views that tell what its constructor was given, in order. */
const builds = {
  deals: { contract: deals, args: [] },
  nodes: { contract: nodes, args: [] },
  names: { contract: names, args: ['unit'] },
  attestations: { contract: attestations, args: [] },
  credits: { contract: credits, args: ['name', 'symbol', 'issuer'] },
} as const;

/** @returns undefined where there is no such view */
async function read(chain: Asking, at: EvmAddress, contract: Built, functionName: string): Promise<unknown> {
  const abi = contract.abi as Abi;
  try {
    const answer = await chain.request('eth_call', [
      { to: at, data: encodeFunctionData({ abi, functionName }) },
      'latest',
    ]);
    return decodeFunctionResult({ abi, functionName, data: answer as Hex });
  } catch (error) {
    if (isFail(error) && error.code !== 'CHAIN_SAID') throw error;
    return undefined;
  }
}
