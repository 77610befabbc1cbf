import type { Chain, Chains } from '#core/evm/chain.ts';
import type { Anvil } from '#core/evm/testing/anvil.ts';
import { createRpcSession, type Ledger, openLedger } from '#core/ledger/index.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { chainRef, type Hash32 } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';

/** A chain whose answers a test can bend. */
export interface TestChain extends Chain {
  /** Before a question goes to the real chain: what it gives back is the answer, unless undefined; what it throws, too. */
  before: (method: string, params: readonly unknown[]) => unknown;
  /** Every method that was asked for. */
  readonly asked: string[];
}

type About = Partial<Pick<Chain, 'kind' | 'confirmations' | 'free' | 'coin' | 'contracts' | 'name' | 'contact'>>;
type Ask = (method: string, params: readonly unknown[]) => Promise<unknown>;

function chainOf(chainId: bigint, genesis: Hash32, about: About, ask: Ask): TestChain {
  const asked: string[] = [];
  const chain: TestChain = {
    ...{ ref: chainRef(chainId), kind: 'public', chainId, genesis, name: 'Test', contact: null, confirmations: 0 },
    ...{ free: true, contracts: null, coin: null },
    ...about,
    ...{ asked, before: () => undefined },
    async request(method, params = []) {
      asked.push(method);
      const bent = await chain.before(method, params);
      return bent === undefined ? ask(method, params) : bent;
    },
  };
  return chain;
}

const said = (code: number, message: string, data?: unknown) =>
  fail('CHAIN_SAID', message, { data: { code, message, ...(data === undefined ? {} : { data }) } });

export const unreachable = () => fail('CHAIN_UNREACHABLE', 'The chain did not answer.');

/** An own ledger in memory, as the wallet sees it. @param now its clock */
export function ownChain(
  about: About = {},
  seed = 1,
  now = () => Date.now(),
): { readonly chain: TestChain; readonly ledger: Ledger } {
  const host = { ...createFakeHost({ seed }), now };
  const ledger = openLedger({ path: ':memory:', host, log: silentLog, operator: new Uint8Array(20).fill(7) });
  const session = createRpcSession(ledger, host.now, silentLog);
  const genesis = `0x${Buffer.from(ledger.block(0).hash()).toString('hex')}` as Hash32;
  const chain = chainOf(ledger.chainId, genesis, { kind: 'own', name: 'Mine', ...about }, async (method, params) => {
    const answer = await session.ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    const { result, error } = JSON.parse(answer ?? 'null') as {
      result?: unknown;
      error?: { code: number; message: string; data?: string };
    };
    if (error !== undefined) throw said(error.code, error.message, error.data);
    return result;
  });
  return { chain, ledger };
}

/** An anvil as a public chain whose coin is ETH. */
export async function anvilChain(anvil: Anvil, chainId: bigint, about: About = {}): Promise<TestChain> {
  const { hash } = (await anvil.ask('eth_getBlockByNumber', ['0x0', false])) as { hash: Hash32 };
  const coin = { symbol: 'ETH', decimals: 18 };
  return chainOf(chainId, hash, { free: false, coin, ...about }, async (method, params) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const answer = await fetch(anvil.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { result, error } = (await answer.json()) as {
      result?: unknown;
      error?: { code: number; message: string; data?: unknown };
    };
    if (error !== undefined) throw said(error.code, error.message, error.data);
    return result;
  });
}

/** Those chains, and no others; more can be put among them. */
export function chainsOf(...chains: Chain[]): Chains & { put(chain: Chain): void } {
  const listeners = new Set<() => void>();
  return {
    list: () => chains,
    find: (ref) => chains.find((chain) => chain.ref === ref) ?? null,
    onChange(changed) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    put(chain) {
      chains.push(chain);
      for (const changed of listeners) changed();
    },
  };
}
