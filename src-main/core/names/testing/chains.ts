import { type Abi, encodeDeployData, type Hex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import type { Chain, Chains } from '#core/evm/chain.ts';
import { attestations } from '#core/evm/contracts/attestations.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { anvilPath, startAnvil } from '#core/evm/testing/anvil.ts';
import { createRpcSession, openLedger } from '#core/ledger/index.ts';
import { createFakeHost, type FakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { chainRef, type EvmAddress, type Hash32 } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { receiptOf } from './accounts.ts';

/* A real chain for tests of names: an own ledger, or anvil, with the two contracts on it. */

export type Raw = (method: string, params: readonly unknown[]) => Promise<unknown>;

export interface TestChain {
  readonly chain: Chain;
  readonly host: FakeHost;
  /** What everybody sees of the ledger: it may be told to be silent, or to say something else. */
  away: boolean;
  answer: ((method: string, params: readonly unknown[], ask: Raw) => Promise<unknown>) | null;
  readonly ask: Raw;
  /** Time passes, on the ledger and here. */
  pass(seconds: number): Promise<void>;
  end(): Promise<void>;
}

const deployer = privateKeyToAccount(`0x${'d1'.repeat(32)}`);

async function finish(
  made: Omit<TestChain, 'chain' | 'away' | 'answer'>,
  name: string,
  kind: Chain['kind'],
  unit: bigint,
): Promise<TestChain> {
  const { ask, host } = made;
  const chainId = BigInt((await ask('eth_chainId', [])) as string);
  const put = async (
    contract: { readonly abi: readonly unknown[]; readonly bytecode: Hex },
    args: readonly unknown[],
  ): Promise<EvmAddress> => {
    const data = encodeDeployData({ abi: contract.abi as Abi, bytecode: contract.bytecode, args });
    const nonce = Number((await ask('eth_getTransactionCount', [deployer.address, 'latest'])) as string);
    const fields = { type: 'eip1559', chainId: Number(chainId), gas: 8_000_000n, nonce, data } as const;
    const raw = await deployer.signTransaction({ ...fields, maxFeePerGas: 0n, maxPriorityFeePerGas: 0n });
    const receipt = await receiptOf(ask, (await ask('eth_sendRawTransaction', [raw])) as Hash32);
    return receipt.contractAddress as EvmAddress;
  };
  const contracts = {
    names: await put(names, [unit]),
    attestations: await put(attestations, []),
    deals: deployer.address as EvmAddress,
    nodes: deployer.address as EvmAddress,
    credits: null,
  };
  const genesis = ((await ask('eth_getBlockByNumber', ['0x0', false])) as { hash: Hash32 }).hash;
  const test: TestChain = {
    ...made,
    away: false,
    answer: null,
    chain: {
      ...{ ref: chainRef(chainId), kind, chainId, genesis, name, contact: null, confirmations: 0 },
      ...{ free: unit === 0n, contracts, coin: unit === 0n ? null : { symbol: 'TEST', decimals: 18 } },
      async request(method, params = []) {
        if (test.away) throw fail('CHAIN_UNREACHABLE', 'The ledger does not answer.');
        try {
          return await (test.answer === null ? ask(method, params) : test.answer(method, params, ask));
        } catch (error) {
          const { code, data, message } = error as { code?: number; data?: unknown; message: string };
          throw fail('CHAIN_SAID', message, { data: { code, message, data } });
        }
      },
    },
  };
  const newest = (await ask('eth_getBlockByNumber', ['latest', false])) as { timestamp: Hex };
  host.setNow(Number(BigInt(newest.timestamp)) * 1_000);
  return test;
}

const failing = (error: { message: string }): Error => Object.assign(new Error(error.message), error);

export async function ownLedger(name = 'My ledger', host = createFakeHost()): Promise<TestChain> {
  const ledger = openLedger({ path: ':memory:', host, log: silentLog, operator: new Uint8Array(20) });
  const session = createRpcSession(ledger, host.now, silentLog);
  const ask: Raw = async (method, params) => {
    const said = await session.ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    const { error, result } = JSON.parse(said ?? '{}') as { error?: { message: string }; result?: unknown };
    if (error !== undefined) throw failing(error);
    return result;
  };
  const pass = async (seconds: number): Promise<void> => host.advance(seconds * 1_000);
  return finish({ ask, host, pass, end: () => ledger.close() }, name, 'own', 0n);
}

/** Null where there is no anvil. A name of six letters needs a deposit of 1,000 wei there. */
export async function anvilChain(name = 'Test chain'): Promise<TestChain | null> {
  const path = anvilPath();
  if (path === null) return null;
  const anvil = await startAnvil(path, 31_337n, [], true);
  const host = createFakeHost();
  const ask: Raw = async (method, params) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const reply = await fetch(anvil.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { result, error } = (await reply.json()) as { result?: unknown; error?: { message: string } };
    if (error !== undefined) throw failing(error);
    return result;
  };
  const pass = async (seconds: number): Promise<void> => {
    await ask('evm_increaseTime', [seconds]);
    await ask('evm_mine', []);
    host.advance(seconds * 1_000);
  };
  return finish({ ask, host, pass, end: () => anvil.stop() }, name, 'public', 1_000n);
}

export const chainsOf = (...tests: readonly TestChain[]): Chains => ({
  list: () => tests.map(({ chain }) => chain),
  find: (ref) => tests.find(({ chain }) => chain.ref === ref)?.chain ?? null,
  onChange: () => () => {},
});
