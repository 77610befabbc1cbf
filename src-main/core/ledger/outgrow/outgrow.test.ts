import { encodeFunctionData, type Hex } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Contracts } from '#core/evm/chain.ts';
import { attestations } from '#core/evm/contracts/attestations.generated.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import { names } from '#core/evm/contracts/names.generated.ts';
import { nodes } from '#core/evm/contracts/nodes.generated.ts';
import { type Anvil, anvilPath, startAnvil } from '#core/evm/testing/anvil.ts';
import { mined, put } from '#core/evm/testing/mined.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { anvilChain, chainsOf, type TestChain } from '#core/wallet/testing/chains.ts';
import { startWallet, type TestWallet } from '#core/wallet/testing/wallets.ts';
import { type ChainRef, chainRef, type EvmAddress, type Hash32 } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { type Ledger, openLedger } from '../chain/ledger.ts';
import { createRpcSession } from '../rpc/answer.ts';
import { type CarryDeps, carryOver } from './carry.ts';
import { checkCarried } from './check.ts';
import { encodeExport, hashOfState, readExport, statementOf } from './format.ts';
import { planOf } from './plan.ts';
import { readState } from './state.ts';

const path = anvilPath();
if (path === null) console.log('outgrow.test.ts is skipped: anvil has no package for this system.');

const publicId = 7_000_000_777n;
const million = 1_000_000n;

describe.skipIf(path === null)('a ledger that is outgrown', () => {
  let host: ReturnType<typeof createFakeHost>;
  let ledger: Ledger;
  let own: TestChain;
  let anvil: Anvil;
  let there: TestChain;
  let wallet: TestWallet;
  let issuer: EvmAddress;

  /** The own ledger as a chain, by a clock that a test moves. */
  function ownChain(contracts: Contracts | null): TestChain {
    const session = createRpcSession(ledger, host.now, silentLog);
    const genesis = `0x${Buffer.from(ledger.block(0).hash()).toString('hex')}` as Hash32;
    return {
      ...{ ref: chainRef(ledger.chainId), kind: 'own', chainId: ledger.chainId, genesis, name: 'Ann’s ledger' },
      ...{ contact: null, confirmations: 0, free: true, coin: null, contracts, asked: [], before: () => undefined },
      async request(method, params = []) {
        const answer = await session.ask(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
        const { result, error } = JSON.parse(answer ?? 'null');
        if (error !== undefined) throw fail('CHAIN_SAID', error.message, { data: error });
        return result;
      },
    };
  }
  const putAll = async (ask: TestChain['request'], key: number, chainId: bigint) => {
    const person = testPerson(key, Number(chainId));
    return {
      deals: await put(ask, await person.deploy(deals, [])),
      nodes: await put(ask, await person.deploy(nodes, [])),
      names: await put(ask, await person.deploy(names, [0n])),
      attestations: await put(ask, await person.deploy(attestations, [])),
    };
  };
  /** The issuer sends by her wallet. */
  const send = async (chain: ChainRef, to: EvmAddress | null, data: Hex, key: string) => {
    const { accounts } = wallet.wallet;
    const hash = await accounts.send({ chain, from: issuer, to, data, key, about: key });
    return accounts.settled(chain, hash);
  };
  const issue = (to: EvmAddress, amount: bigint) =>
    encodeFunctionData({ abi: credits.abi, functionName: 'issue', args: [to, amount, `0x${'77'.repeat(32)}`] });

  beforeEach(async () => {
    host = createFakeHost();
    ledger = openLedger({ path: ':memory:', host, log: silentLog, operator: new Uint8Array(20).fill(7) });
    own = ownChain(null);
    anvil = await startAnvil(path ?? '', publicId, [], true);
    there = await anvilChain(anvil, publicId, { name: 'Testland' });
    const chains = chainsOf(own, there);
    wallet = await startWallet(chains);
    issuer = wallet.wallet.accounts.main() ?? ('0x' as EvmAddress);
    await anvil.ask('anvil_setBalance', [issuer, `0x${(10n ** 20n).toString(16)}`]);
    const five = await putAll(own.request, 0xdddd, own.chainId);
    const { contractAddress } = await mined(
      own.request,
      await testPerson(0xeeee, Number(own.chainId)).deploy(credits, ['Credits issued by Ann', 'ANN', issuer]),
    );
    own = ownChain({ ...five, credits: contractAddress });
    there = { ...there, contracts: { ...(await putAll(anvil.ask, 0xffff, publicId)), credits: null } };
    chains.put(there);
  });
  afterEach(async () => {
    await wallet.stop();
    await anvil.stop();
    await ledger.close();
  });

  it('is exported', async () => {
    expect(issuer).toMatch(/^0x/);
    const { contracts } = own;
    const token = contracts?.credits as EvmAddress;
    await send(own.ref, token, issue('0x1111111111111111111111111111111111111111' as EvmAddress, 5n * million), 'i1');
    const state = await readState(own, null, () => {});
    expect(state.credits).toMatchObject({ symbol: 'ANN', supply: '5000000' });
    const signature = await wallet.wallet.accounts.signTypedData(issuer, statementOf(state));
    const text = encodeExport({ state, signature });
    expect((await readExport(text)).hash).toBe(hashOfState(state));
    const deps: CarryDeps = {
      accounts: wallet.wallet.accounts,
      pause: async () => void (await anvil.ask('evm_increaseTime', [70])),
      secret: () => `0x${'5e'.repeat(32)}` as Hash32,
      step() {},
      progress() {},
    };
    const done = await carryOver(state, there, deps, new AbortController().signal);
    expect(await checkCarried(state, there, done.credits)).toEqual([]);
    expect(planOf(state).left).toEqual([]);
  });
});
