import fc from 'fast-check';
import { encodeFunctionData, type Hex, keccak256 } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credits } from '#core/evm/contracts/credits.generated.ts';
import { type Database, openDatabase } from '#core/store/database.ts';
import { createFakeHost, type FakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { chainRef } from '#shared/model/evm.ts';
import { peersMigrations } from '../schema.ts';
import { type BusyLedger, ben, openBusyLedger } from '../testing/busy-ledger.ts';
import { createAnswers } from './answers.ts';
import { follow, NotLinked } from './follow.ts';
import { createFollowed } from './followed.ts';
import { createLightLedger } from './light-ledger.ts';
import { type Source, WrongAnswer } from './source.ts';

let host: FakeHost;
let busy: BusyLedger;
let database: Database;
/** What an operator does to an answer before giving it. */
let twist: (method: string, answer: unknown) => unknown;

const twisted: Source = {
  async ask(method, params) {
    return twist(method, await busy.ask(method, params));
  },
  askAll: (method, params) => Promise.all(params.map((each) => twisted.ask(method, each))),
};

beforeEach(async () => {
  host = createFakeHost();
  busy = await openBusyLedger(host);
  database = openDatabase({ path: ':memory:', migrations: peersMigrations, log: silentLog });
  twist = (_method, answer) => answer;
});
afterEach(async () => {
  database.close();
  await busy.ledger.close();
});

const newest = () => {
  const { header } = busy.ledger.block();
  return { number: Number(header.number), hash: header.hash() };
};
const first = () => busy.ledger.block(0).hash();

/** Somebody who knows nothing of the ledger but its first block and the newest one. */
async function reader() {
  const blocks = createFollowed(database)(chainRef(busy.ledger.chainId));
  blocks.forget();
  const light = createLightLedger(busy.ledger.chainId, blocks, twisted);
  const refresh = () => follow(twisted, light.rules, blocks, newest(), first());
  await refresh();
  return { blocks, light, refresh, ...createAnswers(light, twisted, () => host.now(), refresh) };
}

const balance = (who: Hex) => encodeFunctionData({ abi: credits.abi, functionName: 'balanceOf', args: [who] });

/** Whatever a wallet may ask about it. */
async function questions(): Promise<readonly (readonly [string, readonly unknown[]])[]> {
  const hashes: unknown[] = [];
  for (let block = 1; block <= newest().number; block += 1)
    for (const { hash } of busy.ledger.records.txsOf(block)) hashes.push(`0x${Buffer.from(hash).toString('hex')}`);
  const { credits: to, ann, mallory } = busy;
  const issue = encodeFunctionData({
    abi: credits.abi,
    functionName: 'issue',
    args: [ben, 3n, `0x${'11'.repeat(32)}`],
  });
  const blocks = [
    'latest',
    'earliest',
    '0x1',
    '0x3',
    { blockHash: keccak256(busy.ledger.records.byNumber(2)?.header ?? new Uint8Array()) },
  ];
  return [
    ['eth_chainId', []],
    ['net_version', []],
    ['eth_blockNumber', []],
    ['eth_gasPrice', []],
    ...hashes.flatMap((hash) => [
      ['eth_getTransactionByHash', [hash]] as const,
      ['eth_getTransactionReceipt', [hash]] as const,
    ]),
    ...blocks.flatMap((named) => [
      ['eth_getBlockByNumber', [named, true]] as const,
      ['eth_getBlockByNumber', [named, false]] as const,
      ['eth_getBlockReceipts', [named]] as const,
      ['eth_getBalance', [ben, named]] as const,
      ['eth_getTransactionCount', [ann.account.address, named]] as const,
      ['eth_getCode', [to, named]] as const,
      ['eth_getStorageAt', [to, '0x2', named]] as const,
      ['eth_getProof', [to, ['0x2', '0x63'], named]] as const,
      ['eth_call', [{ to, data: balance(ben) }, named]] as const,
    ]),
    ['eth_getTransactionByBlockNumberAndIndex', ['0x3', '0x2']],
    ['eth_getTransactionReceipt', [`0x${'00'.repeat(32)}`]],
    ['eth_getBlockByNumber', ['0xffff', false]],
    ['eth_estimateGas', [{ from: ann.account.address, to, data: issue }]],
    ['eth_call', [{ from: mallory.account.address, to, data: issue }, 'latest']],
    ['eth_getLogs', [{ fromBlock: '0x0' }]],
    ['eth_getLogs', [{ fromBlock: '0x0', address: to, topics: [null, null, `0x${ben.slice(2).padStart(64, '0')}`] }]],
    ['eth_getLogs', [{ fromBlock: '0x2', toBlock: '0x3', address: [ben, to] }]],
    ['eth_getLogs', [{ fromBlock: '0x0', topics: [[`0x${'00'.repeat(32)}`]] }]],
  ];
}

const outcome = (work: Promise<unknown>) =>
  work.then(
    (result) => ({ result: JSON.parse(JSON.stringify(result)) as unknown }),
    (error: Error & { code?: unknown; data?: unknown }) => {
      if (error instanceof WrongAnswer) return 'refused';
      if (typeof error.code !== 'number') throw error;
      return { error: error.message, code: error.code, data: error.data };
    },
  );

describe('a contact’s ledger, read without believing the contact', () => {
  it('gives the very answers that the ledger itself gives', async () => {
    const { answer } = await reader();
    for (const [method, params] of await questions()) {
      // Why a transaction failed is in no receipt that the block’s header covers; neither side shows it.
      expect([method, params, await outcome(answer(method, params))]).toEqual([
        method,
        params,
        await outcome(busy.ask(method, params)),
      ]);
    }
  }, 60_000);

  it('gives none where a single bit of what was said is another', async () => {
    const all = await questions();
    const truths = await Promise.all(all.map(([method, params]) => outcome(busy.ask(method, params))));
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.nat(), fc.nat(), async (which, pick, at) => {
        const [method, params] = all[which] ?? ['', []];
        const asker = await reader();
        let count = 0;
        twist = (_method, answer) => (count++ === pick % 4 ? flip(answer, at) : answer);
        const told = await outcome(asker.answer(method, params));
        twist = (_method, answer) => answer;
        if (told !== 'refused') {
          const truth = truths[which];
          // What is left out cannot be told from what is not there: no transaction, but never another one.
          if (!(isNothing(told) && /TransactionByHash|Receipt$/.test(method))) expect(told).toEqual(truth);
        }
      }),
      { numRuns: 100 },
    );
  }, 120_000);

  it('follows on from where it was, and notices blocks that do not', async () => {
    const { blocks, refresh } = await reader();
    const before = newest().number;
    await busy.ledger.submit(await busy.issueTo(1n));
    await refresh();
    expect(blocks.newest()?.number).toBe(before + 1);
    await expect(
      follow(twisted, busy.ledger.rules, blocks, { number: 2, hash: new Uint8Array(32) }, first()),
    ).rejects.toThrow(NotLinked);
    // Another ledger under the same name.
    const other = await openBusyLedger(createFakeHost({ seed: 2 }));
    await other.ledger.submit(await other.issueTo(1n));
    await other.ledger.submit(await other.issueTo(1n));
    const there = other.ledger.block();
    const liar: Source = {
      ask: other.ask,
      askAll: (method, params) => Promise.all(params.map((each) => other.ask(method, each))),
    };
    const signed = { number: Number(there.header.number), hash: there.hash() };
    await expect(follow(liar, busy.ledger.rules, blocks, signed, first())).rejects.toThrow(NotLinked);
    blocks.forget();
    await expect(follow(liar, busy.ledger.rules, blocks, signed, first())).rejects.toThrow(WrongAnswer);
    expect(blocks.newest()).toBeUndefined();
    await other.ledger.close();
  });

  it('hands in what was signed, and believes only when it stands in a block', async () => {
    const { answer } = await reader();
    const raw = await busy.issueTo(13n);
    const hex = `0x${Buffer.from(raw).toString('hex')}`;
    expect(await answer('eth_sendRawTransaction', [hex])).toBe(keccak256(raw));
    expect(await answer('eth_call', [{ to: busy.credits, data: balance(ben) }, 'latest'])).toBe(
      `0x${29n.toString(16).padStart(64, '0')}`,
    );
    await expect(answer('eth_sendRawTransaction', [hex])).rejects.toMatchObject({ code: -32_003 });
    // Taken, and thrown away.
    const lost = await busy.issueTo(17n);
    const sink: Source = {
      ask: (method, params) =>
        method === 'eth_sendRawTransaction' ? Promise.resolve(keccak256(lost)) : busy.ask(method, params),
      askAll: twisted.askAll,
    };
    const light = (await reader()).light;
    const lied = createAnswers(
      light,
      sink,
      () => host.now(),
      async () => {},
    );
    await expect(lied.answer('eth_sendRawTransaction', [`0x${Buffer.from(lost).toString('hex')}`])).rejects.toThrow(
      WrongAnswer,
    );
  });

  it('ends what a contract would have it do for ever', async () => {
    // JUMPDEST PUSH0 JUMP, with all the gas of a block.
    const { answer } = await reader();
    await expect(answer('eth_call', [{ data: '0x5b5f56' }, 'latest'])).rejects.toMatchObject({ code: 3 });
  });
});

/** Another bit somewhere in the first bytes that are found. */
function flip(value: unknown, at: number): unknown {
  if (typeof value === 'string' && /^0x[0-9a-f]+$/.test(value)) {
    const digits = value.slice(2);
    const i = at % digits.length;
    const other = (Number.parseInt(digits[i] ?? '0', 16) ^ (1 << (at % 4))).toString(16);
    return `0x${digits.slice(0, i)}${other}${digits.slice(i + 1)}`;
  }
  if (Array.isArray(value)) return value.map((one, i) => (i === at % value.length ? flip(one, at) : one));
  return null;
}
const isNothing = (told: unknown) => (told as { result?: unknown }).result === null;
