import fc from 'fast-check';
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
import { type ChainRef, chainRef, type EvmAddress, type Hash32, units } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { type Ledger, openLedger } from '../chain/ledger.ts';
import { createRpcSession } from '../rpc/answer.ts';
import { type CarryDeps, carryOver } from './carry.ts';
import { checkCarried } from './check.ts';
import { encodeExport, hashOfState, type LedgerState, readExport, statementOf } from './format.ts';
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

  const ben = () => testPerson(0xbe1, Number(own.chainId));
  const cyn = () => testPerson(0xc41, Number(own.chainId));
  const zero = `0x${'0'.repeat(40)}` as EvmAddress;
  const word = (byte: string) => `0x${byte.repeat(32)}` as Hash32;

  /** Ben holds credits, has a deal with Cyn that ran for 100 seconds, and a name. */
  async function live() {
    const { credits: token, deals: escrow, names: register } = own.contracts as Contracts & { credits: EvmAddress };
    const [tenant, provider] = [ben(), cyn()];
    const at = { ben: tenant.account.address as EvmAddress, cyn: provider.account.address as EvmAddress };
    await send(own.ref, token, issue(at.ben, 50n * million), 'issue to Ben');
    await send(own.ref, token, issue(at.cyn, 7n), 'issue to Cyn');
    const offer = {
      ...{ provider: at.cyn, tenant: at.ben, node: word('0e'), spec: word('05'), token, rate: 1_000n },
      ...{ minDeposit: 1n, grace: 600, window: 0, notice: 60, startWithin: 600, arbiter: zero, fallbackShare: 10_000 },
      ...{ whole: false, times: 1, expires: BigInt(Math.floor(host.now() / 1_000) + 9_999), salt: 1n },
    };
    const view = async (functionName: 'offerDigest' | 'acceptanceDigest', args: readonly unknown[]) =>
      (await own.request('eth_call', [
        { to: escrow, data: encodeFunctionData({ abi: deals.abi, functionName, args } as never) },
        'latest',
      ])) as Hex;
    const acceptance = {
      ...{ offer: await view('offerDigest', [offer]), tenant: at.ben, deposit: 10n * million },
      ...{ expires: offer.expires, salt: 2n },
    };
    const [signedOffer, signedAcceptance] = [
      await provider.account.sign({ hash: await view('offerDigest', [offer]) }),
      await tenant.account.sign({ hash: await view('acceptanceDigest', [acceptance]) }),
    ];
    const does = async (who: ReturnType<typeof testPerson>, to: EvmAddress, data: Hex) =>
      mined(own.request, await who.sign({ to, data }));
    const approve = encodeFunctionData({ abi: credits.abi, functionName: 'approve', args: [escrow, 10n * million] });
    await does(tenant, token, approve);
    const args = [offer, signedOffer, acceptance, signedAcceptance];
    await does(tenant, escrow, encodeFunctionData({ abi: deals.abi, functionName: 'agree', args } as never));
    const deal = await view('acceptanceDigest', [acceptance]);
    const start = encodeFunctionData({ abi: deals.abi, functionName: 'start', args: [deal, offer.spec] });
    await does(provider, escrow, start);
    const began = Number(ledger.block().header.timestamp);
    const wanted = ['ben-box', at.ben, 86_400n * 90n, word('07'), word('08')] as const;
    const commitment = (await own.request('eth_call', [
      { to: register, data: encodeFunctionData({ abi: names.abi, functionName: 'commitmentOf', args: wanted }) },
      'latest',
    ])) as Hex;
    await does(tenant, register, encodeFunctionData({ abi: names.abi, functionName: 'commit', args: [commitment] }));
    host.advance(100_000);
    await does(tenant, register, encodeFunctionData({ abi: names.abi, functionName: 'register', args: wanted }));
    return { at, deal, began };
  }

  const exported = async () => {
    const state = await readState(own, null, () => {});
    return { state, text: encodeExport({ state, signature: await signed(state) }) };
  };
  const signed = (state: LedgerState) => wallet.wallet.accounts.signTypedData(issuer, statementOf(state));
  const depsOf = (accounts: CarryDeps['accounts'] = wallet.wallet.accounts): CarryDeps => ({
    accounts,
    async pause() {
      await anvil.ask('evm_increaseTime', [70]);
      await anvil.ask('anvil_mine', ['0x1']);
    },
    secret: () => word('5e'),
    step() {},
    progress() {},
  });
  const never = new AbortController().signal;

  it('is read to the unit, with what lies in deals, and the same by whoever reads it', async () => {
    const { at, deal, began } = await live();
    const { state, text } = await exported();
    const of = (who: EvmAddress) => state.credits.holders.find(({ address }) => address === who.toLowerCase());
    // A thousand a second to Cyn; the rest of the deposit is Ben's.
    const earned = BigInt(state.block.at - began) * 1_000n;
    expect(earned).toBeGreaterThan(60_000n);
    expect(state.deals[0]?.earned).toBe(String(earned));
    expect(of(at.cyn)).toMatchObject({ held: '7', inDeals: String(earned), contract: false });
    expect(of(at.ben)).toMatchObject({ held: String(40n * million), inDeals: String(10n * million - earned) });
    expect(state.deals).toMatchObject([{ id: deal, rate: '1000' }]);
    expect(state.names).toMatchObject([{ label: 'ben-box', owner: at.ben.toLowerCase(), record: word('07') }]);
    host.advance(500_000);
    expect(hashOfState(await readState(own, state.block.number, () => {}))).toBe(hashOfState(state));
    expect((await readExport(text)).state).toEqual(state);
  });

  it('is carried to another chain, where each holder finds what they had', async () => {
    const { at, deal } = await live();
    const { state } = await exported();
    const done = await carryOver(state, there, depsOf(), never);
    expect(done).toMatchObject({ issued: 2, names: 1, left: [{ what: 'deal', which: deal }] });
    expect(await checkCarried(state, there, done.credits)).toEqual([]);
    const balance = encodeFunctionData({ abi: credits.abi, functionName: 'balanceOf', args: [at.ben] });
    const ofBen = state.credits.holders.find(({ address }) => address === at.ben.toLowerCase());
    expect(BigInt((await anvil.ask('eth_call', [{ to: done.credits, data: balance }, 'latest'])) as string)).toBe(
      BigInt(ofBen?.held ?? 0) + BigInt(ofBen?.inDeals ?? 0),
    );
    // The issuer gives Cyn more under the same export: everybody sees it.
    const record = hashOfState(state);
    const more = encodeFunctionData({ abi: credits.abi, functionName: 'issue', args: [at.cyn, 5n, record] });
    await send(there.ref, done.credits, more, 'more');
    const wrong = await checkCarried(state, there, done.credits);
    expect(wrong).toEqual([{ what: 'holder', which: at.cyn.toLowerCase(), why: 'was given credits 2 times' }]);
  });

  it('is carried once, wherever it was broken off', async () => {
    await live();
    const { state } = await exported();
    let broken = 0;
    for (let after = 0; ; after += 1) {
      let calls = 0;
      const { accounts } = wallet.wallet;
      // As a kill does: before a call, and after the chain has it but before anybody knows.
      const dies = async <T>(work: () => Promise<T>): Promise<T> => {
        calls += 1;
        if (calls === after * 2 + 1) throw new Error('killed');
        const result = await work();
        if (calls === after * 2 + 2) throw new Error('killed');
        return result;
      };
      const mortal: CarryDeps['accounts'] = {
        list: () => accounts.list(),
        send: (what) => dies(() => accounts.send(what)),
        settled: (...what) => dies(() => accounts.settled(...what)),
      };
      try {
        const done = await carryOver(state, there, depsOf(mortal), never);
        expect(await checkCarried(state, there, done.credits)).toEqual([]);
        expect(done).toMatchObject({ issued: 2, names: 1 });
        break;
      } catch (error) {
        if ((error as Error).message !== 'killed') throw error;
        broken += 1;
        await wallet.restart();
      }
    }
    expect(broken).toBeGreaterThan(2);
    const { contracts } = there;
    const made = (await anvil.ask('eth_getTransactionCount', [issuer, 'latest'])) as string;
    // Credits, two holders, one commitment and one name: nothing was paid twice.
    expect({ made: Number(made), contracts: contracts?.credits ?? null }).toEqual({ made: 5, contracts: null });
  }, 60_000);

  it('leaves a name that somebody else has there, and is not carried by who did not issue', async () => {
    await live();
    const { state } = await exported();
    const eve = testPerson(0xe4e, Number(publicId));
    const register = there.contracts?.names as EvmAddress;
    const wanted = ['ben-box', eve.account.address as EvmAddress, 86_400n, word('01'), word('02')] as const;
    const data = encodeFunctionData({ abi: names.abi, functionName: 'commitmentOf', args: wanted });
    const commitment = (await anvil.ask('eth_call', [{ to: register, data }, 'latest'])) as Hex;
    const commit = encodeFunctionData({ abi: names.abi, functionName: 'commit', args: [commitment] });
    await mined(anvil.ask, await eve.sign({ to: register, data: commit }));
    await depsOf().pause(0, never);
    const take = encodeFunctionData({ abi: names.abi, functionName: 'register', args: wanted });
    await mined(anvil.ask, await eve.sign({ to: register, data: take }));
    const done = await carryOver(state, there, depsOf(), never);
    expect(done.left).toContainEqual({ what: 'name', which: 'ben-box', why: 'somebody else has it on that chain' });
    expect(await checkCarried(state, there, done.credits)).toMatchObject([{ what: 'name', which: 'ben-box' }]);
    const nobody: CarryDeps['accounts'] = { ...wallet.wallet.accounts, list: () => [] };
    await expect(carryOver(state, there, depsOf(nobody), never)).rejects.toMatchObject({ code: 'NOT_ISSUER' });
  });

  it('is not believed when anything in its export was altered', async () => {
    await live();
    const { text, state } = await exported();
    for (const [from, to] of [
      ['"held":"7"', '"held":"8"'],
      ['"label":"ben-box"', '"label":"ben-bax"'],
      [`"number":${state.block.number}`, `"number":${state.block.number + 1}`],
      ['"version":1', '"version":2'],
      ['"held":"7"', '"held":"7","more":1'],
    ] as const) {
      expect(text).toContain(from);
      await expect(readExport(text.replace(from, to)), to).rejects.toMatchObject({ code: 'EXPORT_INVALID' });
    }
    // Signed, and yet not what was issued.
    const holders = state.credits.holders.map((one) => ({ ...one, held: units(BigInt(one.held) + 1n) }));
    const lie: LedgerState = { ...state, credits: { ...state.credits, holders } };
    const signature = await signed(lie);
    await expect(readExport(encodeExport({ state: lie, signature }))).rejects.toThrow(/is not what was issued/);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.nat(text.length - 2).map((n) => text.slice(0, n)),
        ),
        async (junk) => {
          await expect(readExport(junk)).rejects.toMatchObject({ code: 'EXPORT_INVALID' });
        },
      ),
    );
  });
});
