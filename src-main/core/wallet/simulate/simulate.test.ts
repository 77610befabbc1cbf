import fc from 'fast-check';
import { type Abi, encodeFunctionData, type Hex, zeroAddress } from 'viem';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Chain } from '#core/evm/chain.ts';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { deals } from '#core/evm/contracts/deals.generated.ts';
import { type Anvil, anvilPath, startAnvil } from '#core/evm/testing/anvil.ts';
import { testPerson } from '#core/evm/testing/person.ts';
import { anvilChain, ownChain } from '../testing/chains.ts';
import type { Tried } from './protocol.ts';
import { createSimulator } from './simulate.ts';

const record: Hex = `0x${'77'.repeat(32)}`;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

interface World {
  readonly chain: Chain;
  readonly people: readonly ReturnType<typeof testPerson>[];
  /** @returns the contract it made, or null */
  send(raw: Uint8Array): Promise<{ ok: boolean; made: Hex; gas: bigint }>;
  balance(who: Hex): Promise<bigint>;
}

async function worldOf(chain: Chain): Promise<World> {
  const people = [0xa11, 0xbe1, 0xca1].map((key) => testPerson(key, Number(chain.chainId)));
  return {
    chain,
    people,
    async send(raw) {
      const hash = await chain.request('eth_sendRawTransaction', [`0x${Buffer.from(raw).toString('hex')}`]);
      let receipt = null as Record<string, Hex> | null;
      // A chain of another make answers before its block is made.
      while (receipt === null) receipt = (await chain.request('eth_getTransactionReceipt', [hash])) as typeof receipt;
      return {
        ok: receipt.status === '0x1',
        made: receipt.contractAddress ?? zeroAddress,
        gas: BigInt(receipt.gasUsed ?? 0),
      };
    },
    balance: async (who) => BigInt((await chain.request('eth_getBalance', [who, 'latest'])) as string),
  };
}

async function ownWorld(): Promise<World> {
  const { chain, ledger } = ownChain();
  stops.push(() => ledger.close());
  return worldOf(chain);
}

async function anvilWorld(): Promise<{ anvil: Anvil; world: World }> {
  const chainId = 31_337n;
  const anvil = await startAnvil(anvilPath() ?? '', chainId, [], true);
  stops.push(() => anvil.stop());
  return { anvil, world: await worldOf(await anvilChain(anvil, chainId)) };
}

const realTimer = (ms: number, fire: () => void) => {
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
};

const simulator = createSimulator({ now: Date.now, setTimer: realTimer });
afterAll(() => simulator.close());

const call = (contract: { readonly abi: readonly unknown[] }, functionName: string, args: readonly unknown[]): Hex =>
  encodeFunctionData({ abi: contract.abi as Abi, functionName, args });
const low = (text: string) => text.toLowerCase() as Hex;

/** Many calls in a row, random: what the trial foretells is what the chain then does. */
async function foretells(world: World, runs: number): Promise<number> {
  const { chain, people } = world;
  const [ann] = people;
  const token = (await world.send(await person(ann).deploy(credits, ['Credits', 'CRED', person(ann).account.address])))
    .made;
  const escrow = (await world.send(await person(ann).deploy(deals, []))).made;
  const addresses = people.map((one) => low(one.account.address));
  const holders = [...addresses, low(escrow), low(`0x${'44'.repeat(20)}`)];
  const index = fc.nat({ max: 2 });
  const amount = fc.oneof(fc.bigInt({ min: 0n, max: 50n }), fc.constant((1n << 256n) - 1n));
  const step = fc.record({
    who: index,
    what: fc.constantFrom(
      'issue',
      'issue',
      'transfer',
      'transfer',
      'approve',
      'transferFrom',
      'redeem',
      'withdraw',
      'settle',
    ),
    to: fc.nat({ max: holders.length - 1 }),
    owner: index,
    amount,
  });
  const balancesNow = () =>
    Promise.all(
      holders.map(async (who) =>
        BigInt(
          (await chain.request('eth_call', [
            { to: token, data: call(credits, 'balanceOf', [who]) },
            'latest',
          ])) as string,
        ),
      ),
    );
  let works = 0;
  const steps = fc.sample(step, { numRuns: runs, seed: 7 });
  for (const one of steps) {
    const who = person(people[one.who]);
    const to = holders[one.to] ?? zeroAddress;
    const onEscrow = one.what === 'withdraw' || one.what === 'settle';
    const data = {
      issue: () => call(credits, 'issue', [to, one.amount % 1_000n, record]),
      transfer: () => call(credits, 'transfer', [to, one.amount]),
      approve: () => call(credits, 'approve', [to, one.amount]),
      transferFrom: () => call(credits, 'transferFrom', [addresses[one.owner], to, one.amount]),
      redeem: () => call(credits, 'redeem', [one.amount, record]),
      withdraw: () => call(deals, 'withdraw', [token]),
      settle: () => call(deals, 'settle', [record]),
    }[one.what]?.() as Hex;
    const tried: Tried = { from: low(who.account.address), to: onEscrow ? escrow : token, data, value: 0n };
    const { result } = await simulator.try(chain, tried, []);
    const before = await balancesNow();
    const really = await world.send(await who.sign({ to: tried.to as Hex, data }));
    const after = await balancesNow();
    expect(result.refusal === null, `${one.what} ${one.amount}`).toBe(really.ok);
    if (!really.ok) continue;
    works += 1;
    expect(result.gas).toBe(really.gas);
    const foretold = holders.map((holder) => result.changes.find((c) => c.holder === holder)?.measured ?? 0n);
    expect(foretold).toEqual(after.map((now, i) => now - (before[i] ?? 0n)));
    for (const { said, measured } of result.changes) expect(measured).toBe(said);
    if (one.what === 'approve') {
      for (const grant of result.granted) {
        expect(grant).toMatchObject({ token: low(token), owner: tried.from, spender: to, amount: one.amount });
      }
    }
  }
  return works;
}

const person = (one: ReturnType<typeof testPerson> | undefined) => {
  if (one === undefined) throw new Error('nobody');
  return one;
};

describe('a call that is tried', () => {
  it('on an own ledger does there what was foretold, to the unit of gas', async () => {
    const works = await foretells(await ownWorld(), 30);
    expect(works).toBeGreaterThan(8);
  });

  it('leaves nothing behind, and says who had too little of the coin', async () => {
    const world = await ownWorld();
    const from = low(person(world.people[0]).account.address);
    const to = low(person(world.people[1]).account.address);
    const { result } = await simulator.try(world.chain, { from, to, data: '0x', value: 1n }, []);
    expect(result.refusal).toEqual({ kind: 'money', has: 0n });
    expect(await world.chain.request('eth_blockNumber')).toBe('0x0');
  });

  it('is given up when its caller goes', async () => {
    const world = await ownWorld();
    const gone = new AbortController();
    const stuck: Chain = {
      ...world.chain,
      request: (method, params, options) =>
        method === 'eth_getBlockByNumber' && params?.[0] === 'latest'
          ? world.chain.request(method, params, options)
          : new Promise(() => gone.abort()),
    };
    const from = low(person(world.people[0]).account.address);
    const trial = simulator.try(stuck, { from, to: from, data: '0x', value: 0n }, [], gone.signal);
    await expect(trial).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

const anvil = anvilPath();
if (anvil === null) console.log('simulate.test.ts skips what needs anvil: it has no package for this system.');

describe.skipIf(anvil === null)('a call that is tried on a chain of another make', () => {
  it('does there what was foretold, by a state that the chain proved', async () => {
    const { world } = await anvilWorld();
    expect(await foretells(world, 25)).toBeGreaterThan(6);
    const from = low(person(world.people[0]).account.address);
    const { result } = await simulator.try(world.chain, { from, to: from, data: '0x', value: 0n }, []);
    expect(result.proven).toBe(true);
  }, 60_000);

  it('moves coin as foretold, and to the last wei of what there is', async () => {
    const { anvil: node, world } = await anvilWorld();
    const [from, to] = [low(person(world.people[0]).account.address), low(person(world.people[1]).account.address)];
    await node.ask('anvil_setBalance', [from, '0x64']);
    await node.ask('evm_mine');
    const { result } = await simulator.try(world.chain, { from, to, data: '0x', value: 100n }, []);
    expect(result.coin).toEqual(
      expect.arrayContaining([
        { holder: from, change: -100n },
        { holder: to, change: 100n },
      ]),
    );
    expect(result.coin).toHaveLength(2);
    const more = await simulator.try(world.chain, { from, to, data: '0x', value: 101n }, []);
    expect(more.result.refusal).toEqual({ kind: 'money', has: 100n });
  }, 60_000);

  it('is not tried on what a lying node tells: its proof does not fit its block', async () => {
    const { world } = await anvilWorld();
    const token = (
      await world.send(
        await person(world.people[0]).deploy(credits, ['Credits', 'CRED', person(world.people[0]).account.address]),
      )
    ).made;
    const from = low(person(world.people[0]).account.address);
    const tried: Tried = { from, to: low(token), data: call(credits, 'issue', [from, 5n, record]), value: 0n };
    const lying = (change: (answer: Record<string, unknown>) => unknown): Chain => ({
      ...world.chain,
      async request(method, params, options) {
        const answer = await world.chain.request(method, params, options);
        return method === 'eth_getProof' ? change(structuredClone(answer) as Record<string, unknown>) : answer;
      },
    });
    await simulator.try(
      lying((a) => a),
      tried,
      [],
    );
    const lies = [
      (a: Record<string, unknown>) => ({ ...a, accountProof: [] }),
      (a: Record<string, unknown>) => ({ ...a, accountProof: ['0xc0'] }),
      (a: Record<string, unknown>) => ({
        ...a,
        accountProof: (a.accountProof as Hex[]).map((n) => n.replace(/.$/, (d) => (d === '0' ? '1' : '0'))),
      }),
      () => 'nothing',
    ];
    for (const lie of lies) {
      await expect(simulator.try(lying(lie), tried, [])).rejects.toMatchObject({ code: 'CHAIN_WRONG' });
    }
    // Without proofs what it tells is taken, and said to be no more than that.
    const without: Chain = {
      ...world.chain,
      request: (method, params, options) =>
        world.chain.request(method === 'eth_getProof' ? 'eth_none' : method, params, options),
    };
    const { result } = await simulator.try(without, tried, []);
    expect(result).toMatchObject({ proven: false, refusal: null });
  }, 60_000);
});
