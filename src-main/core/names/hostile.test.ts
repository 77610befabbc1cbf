import { encodeFunctionData, type Hex, toHex } from 'viem';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { names as contract } from '#core/evm/contracts/names.generated.ts';
import {
  decodeSigned,
  encodeSigned,
  type NameRecord,
  putBehind,
  recordBytes,
  recordHash,
  recordTypedData,
  type SignedRecord,
} from './record/record.ts';
import { calls, labelHash } from './registry.ts';
import { ownLedger, type TestChain } from './testing/chains.ts';
import { peopleOf, personId, type TestPerson, testPerson } from './testing/person.ts';

let chain: TestChain;
let other: TestChain;
let ann: TestPerson;
let ben: TestPerson;
beforeEach(async () => {
  chain = await ownLedger('My ledger');
  other = await ownLedger('Tom’s ledger', chain.host);
  ann = await testPerson('ann', 0xa11, [chain, other], ['ben']);
  ben = await testPerson('ben', 0xb0b, [chain, other], ['ann']);
});
afterEach(async () => {
  await ann.end();
  await ben.end();
  await chain.end();
  await other.end();
});
const take = async (who: TestPerson, name: string) => {
  await who.call('names.register', { name });
  await who.settle();
};

describe('looking up a name', () => {
  it('never merges two ledgers: each says whose it is there', async () => {
    await take(ann, 'anna-b.my-ledger');
    await take(ben, 'anna-b.toms-ledger');
    const { found } = await ben.call('names.look', { name: 'anna-b' });
    expect(found).toMatchObject([
      { full: 'anna-b.my-ledger', owner: ann.address, mine: false },
      { full: 'anna-b.toms-ledger', owner: ben.address, mine: true },
    ]);
    expect((await ben.call('names.look', { name: 'anna-b.toms-ledger' })).found).toHaveLength(1);
    expect((await ben.call('names.look', { name: 'anna-b', ledger: other.chain.ref })).found).toHaveLength(1);
    await expect(ben.call('names.look', { name: 'anna-b.nobody' })).rejects.toMatchObject({ code: 'NO_LEDGER' });
    await expect(ben.call('names.look', { name: 'аnna' })).rejects.toMatchObject({ code: 'BAD_NAME' });
  });

  it('says what a name could be taken for', async () => {
    expect(await ben.call('names.look', { name: 'ANN' })).toMatchObject({
      label: 'ann',
      changed: true,
      looksLike: null,
    });
    await take(ann, 'paul-1');
    expect((await ann.call('names.look', { name: 'pau1-1' })).looksLike).toBe('paul-1');
  });

  it('works on what the ledger said last while it is silent, and says so', async () => {
    await take(ann, 'anna-b.my-ledger');
    await ann.call('names.publish', { name: 'anna-b.my-ledger' });
    await ben.call('names.look', { name: 'anna-b' });
    await ben.restart();
    chain.away = true;
    const { found } = await ben.call('names.look', { name: 'anna-b' });
    expect(found).toMatchObject([
      { state: 'held', recordState: 'kept', seenAt: expect.any(Number), record: { mesh: ['4a2:b1::1'] } },
      { state: 'free', recordState: 'none' },
    ]);
    expect((await ben.call('names.look', { name: 'never-seen' })).found[0]).toMatchObject({ state: 'unknown' });
    // What is kept runs out as well.
    chain.host.advance(400 * 86_400_000);
    expect((await ben.call('names.look', { name: 'anna-b' })).found[0]).toMatchObject({ state: 'grace', record: null });
    chain.host.advance(90 * 86_400_000);
    expect((await ben.call('names.look', { name: 'anna-b' })).found[0]).toMatchObject({
      state: 'unknown',
      record: null,
    });
  });
});

describe('what a name points to', () => {
  let registry: Hex;
  beforeEach(async () => {
    registry = chain.chain.contracts?.names ?? '0x';
    await take(ann, 'anna-b.my-ledger');
  });
  const record = (change: Partial<NameRecord> = {}): NameRecord => ({
    ...{ v: 1, type: 'hypha-name-record', chain: chain.chain.ref, registry: registry as NameRecord['registry'] },
    ...{ label: 'anna-b', owner: ann.address, sequence: 2, at: 1, mesh: ['4a2::1'], services: [], ...change },
  });
  const signed = async (one: NameRecord, by: TestPerson = ann): Promise<SignedRecord> => ({
    record: one,
    owner: await by.accounts.signTypedData(by.address, recordTypedData(one)),
    person: null,
  });
  /** As somebody would set it who has the keys of the name, and any wish. */
  const put = async (envelope: Uint8Array, sequence: number, hash: Hex) => {
    const args = [labelHash('anna-b'), sequence, hash] as const;
    const data = putBehind(encodeFunctionData({ abi: contract.abi, functionName: 'setRecord', args }), envelope);
    const to = registry as NameRecord['registry'];
    const key = `${sequence} ${toHex(envelope).slice(-80)}`;
    await ann.accounts.send({ chain: chain.chain.ref, from: ann.address, to, data, key, about: 'test' });
  };
  const seen = async () => (await ben.call('names.look', { name: 'anna-b.my-ledger' })).found[0];

  it('is what its owner signed for this name, ledger and number, and nothing else', async () => {
    const good = await signed(record());
    await put(encodeSigned(good), 2, recordHash(good.record));
    expect(await seen()).toMatchObject({
      recordState: 'current',
      record: { sequence: 2, mesh: ['4a2::1'], person: null },
    });
    let sequence = 3;
    for (const [why, bad] of [
      ['another name', await signed(record({ label: 'bertha', sequence: 3 }))],
      ['another ledger', await signed(record({ chain: other.chain.ref, sequence: 4 }))],
      ['another registry', await signed(record({ registry: ben.address, sequence: 5 }))],
      ['an older number', good],
      ['somebody else’s signature', await signed(record({ sequence: 7 }), ben)],
      ['no signature', { ...(await signed(record({ sequence: 8 }))), owner: `0x${'00'.repeat(65)}` as const }],
      ['another owner', await signed(record({ owner: ben.address, sequence: 9 }), ben)],
    ] as const) {
      await put(encodeSigned(bad), sequence, recordHash(bad.record));
      expect(await seen(), why).toMatchObject({ recordState: 'unreadable', record: null });
      sequence += 1;
    }
    // Bytes that are not what the ledger has the hash of.
    const last = await signed(record({ sequence: 10 }));
    await put(encodeSigned(await signed(record({ sequence: 10, mesh: ['4a2::bad'] }))), 10, recordHash(last.record));
    expect(await seen()).toMatchObject({ recordState: 'unreadable', record: null });
    await put(new Uint8Array(), 11, recordHash(last.record));
    expect(await seen()).toMatchObject({ recordState: 'unreadable', record: null });
  });

  it('names a person only with that person’s own signature', async () => {
    const mine = record({ person: personId('ben') as never });
    const bare = await signed(mine);
    await put(encodeSigned(bare), 2, recordHash(mine));
    expect((await seen())?.record).toMatchObject({ person: null });
    const next = record({ person: personId('ben') as never, sequence: 3 });
    const forged = peopleOf('ann', []).self()?.sign(recordBytes(next)) ?? null;
    await put(encodeSigned({ ...(await signed(next)), person: forged }), 3, recordHash(next));
    expect((await seen())?.record).toMatchObject({ person: null });
    // Somebody whose keys nobody here knows: it is said to be a claim.
    const stranger = record({ person: personId('eve') as never, sequence: 4 });
    await put(encodeSigned({ ...(await signed(stranger)), person: forged }), 4, recordHash(stranger));
    expect((await seen())?.record).toMatchObject({ person: { is: 'claimed', contact: null } });
  });

  it('is not found where the ledger answers with lies of any shape, and nothing breaks', async () => {
    const good = await signed(record());
    await put(encodeSigned(good), 2, recordHash(good.record));
    for (const lie of [null, {}, { input: 7 }, { input: '0x' }, { input: `0x${'ff'.repeat(500)}` }]) {
      chain.answer = async (method, params, ask) => (method === 'eth_getTransactionByHash' ? lie : ask(method, params));
      expect(await seen()).toMatchObject({ recordState: 'unreadable', record: null });
    }
    chain.answer = null;
    expect(await seen()).toMatchObject({ recordState: 'current' });
    // Once known it needs no second look.
    chain.answer = async (method, params, ask) => (method === 'eth_getLogs' ? [] : ask(method, params));
    expect(await seen()).toMatchObject({ recordState: 'current' });
    for (const [lie, code] of [
      [null, 'CHAIN_UNREACHABLE'],
      ['0x', 'CHAIN_WRONG'],
      [7, 'CHAIN_UNREACHABLE'],
      [`0x${'ff'.repeat(160)}`, 'CHAIN_WRONG'],
    ] as const) {
      chain.answer = async (method, params, ask) => (method === 'eth_call' ? lie : ask(method, params));
      const looking = ben.call('names.register', { name: 'new-name', ledger: 'My ledger' });
      await expect(looking).rejects.toMatchObject({ code });
    }
  });
});

it('the layout of a record stays what it is', async () => {
  const one: NameRecord = {
    ...{ v: 1, type: 'hypha-name-record', chain: 'eip155:5' as NameRecord['chain'], label: 'anna-b' },
    registry: '0x00000000000000000000000000000000000000aa' as NameRecord['registry'],
    owner: '0x00000000000000000000000000000000000000bb' as NameRecord['owner'],
    ...{ sequence: 2, at: 1_700_000_000_000, mesh: ['4a2::1'], services: [{ name: 'web', url: 'http://a.example' }] },
  };
  expect(recordHash(one)).toMatchInlineSnapshot(`"0x9104631419995daa8735abc2f594d9e256a63ff0d561af33afb7519d80ff3014"`);
  const bytes = encodeSigned({ record: one, owner: `0x${'11'.repeat(65)}`, person: null });
  expect(Buffer.from(bytes).toString()).toMatchInlineSnapshot(`
    "hypha-name-record-1
    {"owner":"0x1111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111","record":{"at":1700000000000,"chain":"eip155:5","label":"anna-b","mesh":["4a2::1"],"owner":"0x00000000000000000000000000000000000000bb","registry":"0x00000000000000000000000000000000000000aa","sequence":2,"services":[{"name":"web","url":"http://a.example"}],"type":"hypha-name-record","v":1}}"
  `);
  expect(decodeSigned(bytes)).toEqual({ record: one, owner: `0x${'11'.repeat(65)}`, person: null });
  expect(calls.setRecord('anna-b', 2, recordHash(one)).length).toBe(2 + 8 + 3 * 64);
});
