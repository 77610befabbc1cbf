import { type Abi, encodeDeployData, type Hex } from 'viem';
import type { Accounts } from '#core/evm/accounts.ts';
import type { Built } from '#core/evm/code.ts';
import { attestations } from '#core/evm/contracts/attestations.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { nodes } from '#core/evm/contracts/nodes.generated.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { PublicChain, PublicChains } from './chains.ts';

export interface PutDeps {
  readonly chains: PublicChains;
  readonly accounts: Pick<Accounts, 'main' | 'send' | 'settled'>;
  step(key: string, text: string): void;
}

/**
 * Put the contracts that belong to nobody on a public chain, one after the other. Each has a key, so that a call after a crash goes on
 * with those that were signed before and pays for none twice.
 *
 * @param nameDeposit wei that a name of six letters or more keeps while it is held
 * @throws Fail LOCKED, NOT_FOUND, CODE_DIFFERS, and those of accounts and chain
 */
export async function putContracts(
  ref: ChainRef,
  nameDeposit: bigint,
  { chains, accounts, step }: PutDeps,
  signal: AbortSignal,
): Promise<PublicChain> {
  const chain = chains.get(ref);
  const from = accounts.main();
  if (from === null) throw fail('LOCKED', 'Your accounts are locked.', { next: 'Unlock Hypha first.' });
  const put = async (contract: Built, words: string, args: readonly unknown[] = []): Promise<EvmAddress> => {
    signal.throwIfAborted();
    step(contract.name.toLowerCase(), `Putting the contract of ${words}`);
    const data = encodeDeployData({ abi: contract.abi as Abi, bytecode: contract.bytecode as Hex, args });
    const key = `put:${ref}:${chain.row.puts}:${contract.name}:${args.join()}`;
    const about = `Put Hypha’s contract of ${words} on ${chain.name}`;
    const hash = await accounts.send({ chain: ref, from, to: null, data, key, about });
    const receipt = await accounts.settled(ref, hash, signal);
    if (!receipt.ok || receipt.contract === null) {
      throw fail('CALL_REFUSED', `${chain.name} did not take the contract of ${words}.`, {
        meaning: 'What was put before stays and is not paid again.',
        next: 'Look at the transaction, then try again.',
        data: { hash },
      });
    }
    return receipt.contract;
  };
  const contracts = {
    deals: await put(deals, 'deals'),
    nodes: await put(nodes, 'nodes'),
    names: await put(names, 'names', [nameDeposit]),
    attestations: await put(attestations, 'attestations'),
    credits: chain.contracts?.credits ?? null,
  };
  step('compare', 'Comparing what lies there');
  return chains.setContracts(ref, contracts, 1);
}
