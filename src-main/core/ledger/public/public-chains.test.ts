import { keccak256 } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attestations } from '#core/evm/contracts/attestations.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { nodes } from '#core/evm/contracts/nodes.generated.ts';
import { type Anvil, anvilPath, startAnvil } from '#core/evm/testing/anvil.ts';
import { mined, put } from '#core/evm/testing/mined.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import { openDatabase } from '#core/store/database.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import type { ChainRef, EvmAddress } from '#shared/model/evm.ts';
import { Raw, type RpcProxy, startRpcProxy } from '../testing/rpc-proxy.ts';
import { createPublicChains, type PublicChains } from './chains.ts';
import { publicMigrations } from './store.ts';

const path = anvilPath();
if (path === null) console.log('public-chains.test.ts is skipped: anvil has no package for this system.');

const chainId = 7_000_000_321n;
const ref = `eip155:${chainId}` as ChainRef;
const confirmations = 2;

describe.skipIf(path === null)('public chains', () => {
  let anvil: Anvil;
  let proxies: RpcProxy[];
  let host: ReturnType<typeof createFakeHost>;
  let chains: PublicChains;
  let ann: ReturnType<typeof testPerson>;
  const database = () => openDatabase({ path: ':memory:', migrations: publicMigrations, log: silentLog });
  let store: ReturnType<typeof database>;
  const open = () =>
    createPublicChains({
      database: store,
      host,
      emit: () => {},
      taken: (id) => (id === 7n ? 'Ben’s ledger' : null),
      withinMs: 2_000,
    });

  beforeEach(async () => {
    anvil = await startAnvil(path ?? '', chainId, [], true);
    proxies = await Promise.all([0, 1, 2].map(() => startRpcProxy((...what) => anvil.ask(...what))));
    host = createFakeHost();
    ann = testPerson(0xa11, Number(chainId));
    store = database();
    chains = open();
  });
  afterEach(async () => {
    for (const proxy of proxies) await proxy.close();
    await anvil.stop();
    store.close();
  });

  const proxy = (i: number): RpcProxy => {
    const found = proxies[i];
    if (found === undefined) throw new Error(`no proxy ${i}`);
    return found;
  };
  const states = () => chains.get(ref).pool.servers.map((one) => one.state());
  const add = async (count: number) => {
    await chains.add({ rpc: proxy(0).url, name: 'Testland', confirmations });
    for (let i = 1; i < count; i += 1) await chains.addRpc(ref, proxy(i).url);
    return chains.get(ref);
  };
  /** A transaction that is deeper than the confirmations. */
  const settledTransaction = async (): Promise<string> => {
    const person = testPerson(0xb0b + Math.floor(host.now()), Number(chainId));
    const raw = await person.sign({ to: person.account.address });
    const { transactionHash } = await mined(anvil.ask, raw);
    await anvil.ask('anvil_mine', ['0x8']);
    await chains.get(ref).pool.look();
    return transactionHash;
  };

  it('are added by an address, pinned, and there after a restart', async () => {
    const chain = await add(1);
    expect(chain).toMatchObject({ ref, name: 'Testland', kind: 'public', contracts: null, confirmations });
    expect(await chain.request('eth_blockNumber')).toBe('0x0');
    expect(open().find(ref)).toMatchObject({ genesis: chain.genesis, name: 'Testland' });
    await expect(chains.add({ rpc: proxy(1).url })).rejects.toMatchObject({ code: 'CHAIN_TAKEN' });
    await expect(chains.addRpc(ref, proxy(0).url)).rejects.toMatchObject({ code: 'RPC_TAKEN' });
    chains.remove(ref);
    expect(open().list()).toEqual([]);
  });

  it('are refused when the server is of another chain, of one that is here, or pretends to be a known one', async () => {
    const says = (id: string) => (method: string, _params: readonly unknown[], result: unknown) =>
      method === 'eth_chainId' ? id : result;
    await expect(chains.add({ rpc: proxy(0).url, chain: 'eip155:1' as ChainRef })).rejects.toMatchObject({
      code: 'CHAIN_WRONG',
    });
    proxy(0).alter = says('0x1');
    await expect(chains.add({ rpc: proxy(0).url })).rejects.toThrow(/Ethereum, but shows another first block/);
    proxy(0).alter = says('0x7');
    await expect(chains.add({ rpc: proxy(0).url })).rejects.toThrow(/Ben’s ledger/);
    proxy(0).alter = says(`0x${'f'.repeat(16)}`);
    await expect(chains.add({ rpc: proxy(0).url })).rejects.toMatchObject({ code: 'CHAIN_WRONG' });
    proxy(0).alter = () => 'cut';
    await expect(chains.add({ rpc: proxy(0).url })).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
    expect(chains.list()).toEqual([]);
  });

  it('are not used when a server behind an address became one of another chain', async () => {
    const chain = await add(1);
    proxy(0).alter = (method, _params, result) => (method === 'eth_chainId' ? '0x9' : result);
    host.advance(120_000);
    await expect(chain.request('eth_blockNumber')).rejects.toMatchObject({ code: 'CHAIN_WRONG' });
    const raw = await ann.sign({ to: ann.account.address });
    await expect(
      chain.request('eth_sendRawTransaction', [`0x${Buffer.from(raw).toString('hex')}`]),
    ).rejects.toMatchObject({ code: 'CHAIN_WRONG' });
    expect(proxy(0).asked).not.toContain('eth_sendRawTransaction');
  });

  it('go on with another server when one fails, whatever it answers, and ask it again later', async () => {
    const chain = await add(2);
    await chain.pool.look();
    const failures = ['cut', new Raw('<html>'), new Raw('{"jsonrpc":"2.0","id":1}'), new Raw('too many', 429)];
    for (const failure of failures) {
      proxy(0).alter = () => failure;
      expect(await chain.request('eth_getBalance', [ann.account.address, 'latest'])).toBe('0x0');
      expect(states()).toEqual(['away', 'good']);
      proxy(0).alter = (_method, _params, result) => result;
      host.advance(120_000);
      await chain.request('eth_blockNumber');
      expect(states()).toEqual(['good', 'good']);
    }
    proxy(0).alter = () => 'cut';
    proxy(1).alter = () => 'cut';
    await expect(chain.request('eth_blockNumber')).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' });
  });

  it('name the one server of three that shows a receipt of its own making, and go on', async () => {
    const chain = await add(3);
    const hash = await settledTransaction();
    proxy(0).alter = (method, _params, result) =>
      method === 'eth_getTransactionReceipt' ? { ...(result as object), status: '0x0' } : result;
    expect(await chain.request('eth_getTransactionReceipt', [hash])).toMatchObject({ status: '0x1' });
    expect(states()).toEqual(['differs', 'good', 'good']);
    expect(chain.pool.servers[0]?.why()).toMatch(/something else than most others/);
    // It stays out, also when all look good again.
    proxy(0).alter = (_method, _params, result) => result;
    await chain.pool.look();
    expect(states()).toEqual(['differs', 'good', 'good']);
  });

  it('rest when two servers contradict each other, until the person removes one', async () => {
    const chain = await add(2);
    const hash = await settledTransaction();
    proxy(1).alter = (method, _params, result) => (method === 'eth_getTransactionReceipt' ? null : result);
    await expect(chain.request('eth_getTransactionReceipt', [hash])).rejects.toMatchObject({ code: 'CHAIN_RESTS' });
    await expect(chain.request('eth_blockNumber')).rejects.toMatchObject({ code: 'CHAIN_RESTS' });
    const id = chain.row.rpcs[1]?.id ?? '';
    const without = chains.removeRpc(ref, id);
    expect(await without.request('eth_getTransactionReceipt', [hash])).toMatchObject({ transactionHash: hash });
    const last = without.row.rpcs[0]?.id ?? '';
    expect(() => chains.removeRpc(ref, last)).toThrow(expect.objectContaining({ code: 'RPC_LAST' }));
  });

  it('take a young receipt for done only when all have it', async () => {
    const chain = await add(2);
    const raw = await ann.sign({ to: ann.account.address });
    const hash = (await mined(chain.request, raw)).transactionHash;
    await chain.pool.look();
    expect(await chain.request('eth_getTransactionReceipt', [hash])).toMatchObject({ transactionHash: hash });
    proxy(0).alter = (method, _params, result) => (method === 'eth_getTransactionReceipt' ? null : result);
    expect(await chain.request('eth_getTransactionReceipt', [hash])).toBeNull();
    expect(states()).toEqual(['good', 'good']);
  });

  it('send to all servers, and know a hash by themselves', async () => {
    const chain = await add(2);
    proxy(0).alter = (method, _params, result) =>
      method === 'eth_sendRawTransaction' ? `0x${'7'.repeat(64)}` : result;
    const person = testPerson(0xcafe, Number(chainId));
    const raw = await person.sign({ to: ann.account.address });
    const { transactionHash } = await mined(chain.request, raw);
    expect(transactionHash).toBe(keccak256(raw));
    expect(proxies.slice(0, 2).map(({ asked }) => asked.includes('eth_sendRawTransaction'))).toEqual([true, true]);
    // Keys of a server are nobody's here.
    await expect(chain.request('eth_sendTransaction', [{}])).rejects.toMatchObject({ code: 'CHAIN_SAID' });
  });

  it('let a past change that did not count yet, and rest when one that counted did', async () => {
    const chain = await add(1);
    const start = await anvil.ask('evm_snapshot');
    await settledTransaction();
    const young = await anvil.ask('evm_snapshot');
    const newest = async () =>
      ((await chain.request('eth_getBlockByNumber', ['latest', false])) as { hash: string }).hash;
    await anvil.ask('anvil_mine', ['0x1']);
    const before = await newest();
    await anvil.ask('evm_revert', [young]);
    await anvil.ask('anvil_mine', ['0x2', '0x7']);
    await chain.pool.look();
    expect(await newest()).not.toBe(before);
    expect(states()).toEqual(['good']);
    await anvil.ask('evm_revert', [start]);
    await anvil.ask('anvil_mine', ['0x20', '0x9']);
    await chain.pool.look();
    await expect(chain.request('eth_blockNumber')).rejects.toMatchObject({ code: 'CHAIN_RESTS' });
    // Also after a restart: what was known is kept.
    const again = open().get(ref);
    await expect(again.request('eth_blockNumber')).rejects.toMatchObject({ code: 'CHAIN_RESTS' });
    const resumed = await chains.resume(ref);
    expect(await resumed.request('eth_blockNumber')).toMatch(/^0x/);
  });

  it('say what a contract refused, and ask nobody else for it', async () => {
    const chain = await add(2);
    const data = '0x12345678';
    await expect(chain.request('eth_sendRawTransaction', [`0x02${data.slice(2)}`])).rejects.toMatchObject({
      code: 'CHAIN_SAID',
    });
    expect(states()).toEqual(['good', 'good']);
  });

  it('use contracts only where the code is ours', async () => {
    await add(1);
    const person = testPerson(0xd00, Number(chainId));
    const at = {} as Record<'deals' | 'nodes' | 'names' | 'attestations', EvmAddress>;
    for (const [name, contract, args] of [
      ['deals', deals, []],
      ['nodes', nodes, []],
      ['names', names, [0n]],
      ['attestations', attestations, []],
    ] as const) {
      const raw = await person.deploy(contract, args);
      at[name] = await put(anvil.ask, raw);
    }
    await expect(chains.setContracts(ref, { ...at, deals: at.nodes, credits: null })).rejects.toMatchObject({
      code: 'CODE_DIFFERS',
    });
    expect(open().get(ref).contracts).toBeNull();
    await chains.setContracts(ref, { ...at, credits: null });
    expect(open().get(ref).contracts).toEqual({ ...at, credits: null });
  });
});
