import { encodeDeployData, encodeFunctionData } from 'viem';
import type { Accounts } from '#core/evm/accounts.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import type { EvmAddress } from '#shared/model/evm.ts';
import type { TestChain } from './chains.ts';

const record = `0x${'11'.repeat(32)}` as const;
let made = 0;

/** Put a contract of credits on a chain, as its operator does. */
export async function putCredits(accounts: Accounts, chain: TestChain, symbol = 'CREDITS'): Promise<EvmAddress> {
  const from = accounts.main();
  if (from === null) throw new Error('locked');
  const data = encodeDeployData({
    abi: credits.abi,
    bytecode: credits.bytecode,
    args: [`Credits of ${symbol}`, symbol, from],
  });
  const hash = await accounts.send({
    chain: chain.ref,
    from,
    to: null,
    data,
    key: `put ${++made}`,
    about: 'Put credits',
  });
  const { contract } = await accounts.settled(chain.ref, hash);
  if (contract === null) throw new Error('no contract');
  return contract;
}

/** Issue some, to the unit. */
export async function issueCredits(
  accounts: Accounts,
  chain: TestChain,
  token: EvmAddress,
  to: EvmAddress,
  amount: bigint,
) {
  const from = accounts.main();
  if (from === null) throw new Error('locked');
  const data = encodeFunctionData({ abi: credits.abi, functionName: 'issue', args: [to, amount, record] });
  const hash = await accounts.send({
    chain: chain.ref,
    from,
    to: token,
    data,
    key: `issue ${++made}`,
    about: 'Issue credits',
  });
  return accounts.settled(chain.ref, hash);
}

/** The chain's operator put these. */
export const withCredits = (chain: TestChain, token: EvmAddress): void => {
  const none = `0x${'0'.repeat(40)}` as EvmAddress;
  Object.assign(chain, { contracts: { deals: none, nodes: none, names: none, attestations: none, credits: token } });
};
