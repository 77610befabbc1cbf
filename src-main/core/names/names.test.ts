import { decodeFunctionData, type Hex } from 'viem';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { names as contract } from '#core/evm/contracts/names.generated.ts';
import { anvilPath } from '#core/evm/testing/anvil.ts';
import { accountOf } from './testing/accounts.ts';
import { anvilChain, ownLedger, type TestChain } from './testing/chains.ts';
import { personId, type TestPerson, testPerson } from './testing/person.ts';

const kinds = [
  { kind: 'an own ledger', make: () => ownLedger(), full: 'anna-b.my-ledger', deposit: null },
  { kind: 'anvil', make: anvilChain, full: 'anna-b.test-chain', deposit: '0.000000000000001 TEST' },
] as const;
if (anvilPath() === null) console.log('skipped: names on anvil; its program is not here');

describe.each(kinds.filter(({ kind }) => kind !== 'anvil' || anvilPath() !== null))(
  'names on $kind',
  ({ make, full, deposit }) => {
    let chain: TestChain;
    let ann: TestPerson;
    let ben: TestPerson;
    beforeEach(async () => {
      const made = await make();
      if (made === null) throw new Error('no chain');
      chain = made;
      ann = await testPerson('ann', 0xa11, [chain], ['ben']);
      ben = await testPerson('ben', 0xb0b, [chain], ['ann']);
    });
    afterEach(async () => {
      await ann.end();
      await ben.end();
      await chain.end();
    });
    const take = async (who: TestPerson, name = 'anna-b') => {
      await who.call('names.register', { name });
      await who.settle();
    };
    const looked = async (who: TestPerson, name = 'anna-b') => (await who.call('names.look', { name })).found[0];

    it('are taken unseen first, then in the open, and point to what their owner signed', async () => {
      expect(await looked(ann)).toMatchObject({ state: 'free', mine: false, depositText: deposit });
      const begun = await ann.call('names.register', { name: 'Anna-B' });
      expect(begun).toMatchObject({ label: 'anna-b', full, state: 'committing' });
      expect(ann.undone).toEqual([['names.forgo', { registration: begun.id }]]);
      await ann.settle();
      expect(await looked(ann)).toMatchObject({ state: 'held', mine: true, owner: ann.address, recordState: 'none' });
      const services = [{ name: 'web', url: 'http://anna.example' }];
      expect(await ann.call('names.publish', { name: full, services })).toMatchObject({ recordState: 'current' });
      const seen = await looked(ben);
      expect(seen).toMatchObject({ state: 'held', mine: false, owner: ann.address, recordState: 'current', full });
      expect(seen?.record).toMatchObject({
        sequence: 2,
        person: { id: personId('ann'), is: 'proven', contact: 'ann' },
        mesh: ['4a2:b1::1'],
        wallet: ann.address,
        services,
      });
      expect((await ann.call('names.list', {})).names).toMatchObject([{ full, mine: true }]);
      await expect(ann.call('names.register', { name: 'anna-b' })).rejects.toMatchObject({ code: 'NAME_YOURS' });
      await expect(ben.call('names.register', { name: 'anna-b' })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      await expect(ben.call('names.publish', { name: 'anna-b' })).rejects.toMatchObject({ code: 'NOT_YOURS' });
    });

    it('cannot be taken by who sees the transaction and is faster', async () => {
      const mallory = await accountOf([chain], 0xbad);
      const about = { chain: chain.chain.ref, to: chain.chain.contracts?.names ?? null, about: 'steal' };
      let stolen = 0;
      // Each of Ann's transactions is handed in by somebody else first, with Ann's words, and then with their own name in it.
      chain.answer = async (method, params, ask) => {
        if (method !== 'eth_estimateGas') return ask(method, params);
        const { data, value, from } = params[0] as { data: Hex; value: Hex; from: string };
        const { functionName } = decodeFunctionData({ abi: contract.abi, data });
        const result = await ask(method, params);
        if (from !== mallory.address && functionName === 'register' && stolen++ === 0) {
          chain.answer = null;
          await mallory.send({ ...about, from: mallory.address, data, value: BigInt(value), key: 'same words' });
        }
        return result;
      };
      await take(ann);
      expect(stolen).toBe(1);
      expect(await looked(ben)).toMatchObject({ state: 'held', owner: ann.address });
      expect((await ann.call('names.list', {})).registrations).toMatchObject([{ state: 'done' }]);
    });

    it('are given up by whoever comes second, without another transaction', async () => {
      await ann.call('names.register', { name: 'anna-b' });
      await ben.call('names.register', { name: 'anna-b' });
      await ann.settle();
      await ben.settle();
      const states = [ann, ben].map(async (who) => (await who.call('names.list', {})).registrations[0]?.state);
      expect((await Promise.all(states)).sort()).toEqual(['done', 'failed']);
      const names = await Promise.all([ann, ben].map(async (who) => (await who.call('names.list', {})).names.length));
      expect(names.sort()).toEqual([0, 1]);
    });

    it.each(['before commit', 'after commit', 'before register', 'after register'])(
      'are taken once when Hypha ends %s',
      async (where) => {
        let ended = false;
        const end = (point: string, key: string) => {
          if (`${point} ${key.split('/').at(-1)}` !== where || ended) return;
          ended = true;
          throw new Error('ended');
        };
        ann.accounts.probe = end;
        await ann.call('names.register', { name: 'anna-b' });
        while (!ended) {
          await chain.pass(20);
          await ann.call('names.list', {});
        }
        await ann.restart();
        await ann.settle();
        expect(await looked(ann)).toMatchObject({ state: 'held', mine: true });
        // One commitment, one registration: as many transactions as without an end.
        const count = await chain.ask('eth_getTransactionCount', [ann.address, 'latest']);
        expect(Number(count)).toBe(2);
      },
    );

    it('wait for a day at most: a commitment that went stale is made anew', async () => {
      await ann.call('names.register', { name: 'anna-b' });
      await ann.names.stop();
      await chain.pass(2 * 86_400);
      await ann.restart();
      await ann.settle();
      expect(await looked(ann)).toMatchObject({ state: 'held', mine: true });
    });

    it('can be stopped before they are taken, and need keys', async () => {
      const { id } = await ann.call('names.register', { name: 'anna-b' });
      await vi.waitFor(async () => {
        await chain.pass(1);
        const { registrations } = await ann.call('names.list', {});
        expect(registrations).toMatchObject([{ state: 'waiting', readyAt: expect.any(Number) }]);
      });
      await ann.call('names.forgo', { registration: id });
      await chain.pass(300);
      expect(await ann.call('names.list', {})).toMatchObject({ names: [], registrations: [] });
      expect(await looked(ann)).toMatchObject({ state: 'free' });
      await expect(ann.call('names.forgo', { registration: id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await take(ann);
      const [done] = (await ann.call('names.list', {})).registrations;
      await expect(ann.call('names.forgo', { registration: done?.id ?? '' })).rejects.toMatchObject({
        code: 'TOO_LATE',
      });
      ann.accounts.locked = true;
      await expect(ann.call('names.register', { name: 'other-name' })).rejects.toMatchObject({ code: 'NO_ACCOUNT' });
      await expect(ann.call('names.release', { name: 'anna-b' })).rejects.toMatchObject({ code: 'NO_ACCOUNT' });
    });

    it('are renewed, given away, given up', async () => {
      await take(ann);
      await expect(ann.call('names.renew', { name: 'anna-b', days: 10 })).rejects.toMatchObject({ code: 'TERM_SHORT' });
      const before = await looked(ann);
      const after = await ann.call('names.renew', { name: 'anna-b', days: 700 });
      expect((after.expiresAt ?? 0) - (before?.expiresAt ?? 0)).toBeGreaterThan(300 * 86_400_000);
      await ann.call('names.publish', { name: 'anna-b' });
      await ann.call('names.transfer', { name: 'anna-b', to: ben.address });
      // What Ann signed is not what Ben says of himself.
      expect(await looked(ben)).toMatchObject({ mine: true, record: null, recordState: 'unreadable' });
      expect((await ann.call('names.list', {})).names).toEqual([]);
      expect((await ben.call('names.list', {})).names).toMatchObject([{ full }]);
      await ben.call('names.publish', { name: 'anna-b', mesh: false });
      expect((await looked(ann))?.record).toMatchObject({ sequence: 3, mesh: [], person: { contact: 'ben' } });
      expect(await ben.call('names.release', { name: 'anna-b' })).toMatchObject({ state: 'free', mine: false });
      const { owed } = await ben.call('names.list', {});
      expect(owed.map(({ amountText }) => amountText)).toEqual(deposit === null ? [] : [deposit]);
      const back = await ben.call('names.withdraw', {});
      expect(back.amount).toBe(deposit === null ? '0' : '1000');
      expect((await ben.call('names.list', {})).owed).toEqual([]);
      await take(ann);
      // Numbers go on, so that no record of before can come back.
      await ann.call('names.publish', { name: 'anna-b' });
      expect((await looked(ben))?.record?.sequence).toBeGreaterThan(4);
    });

    it('warn before they run out, and are free after their grace', async () => {
      await take(ann);
      expect(ann.names.notices()).toEqual([]);
      await chain.pass(340 * 86_400);
      expect(ann.names.notices()).toMatchObject([{ code: 'NAME_RUNS_OUT' }]);
      await chain.pass(30 * 86_400);
      expect(await looked(ann)).toMatchObject({ state: 'grace', mine: true, record: null });
      expect(ann.names.notices()).toMatchObject([{ code: 'NAME_RAN_OUT' }]);
      await expect(ben.call('names.register', { name: 'anna-b' })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
      await chain.pass(90 * 86_400);
      expect(await looked(ben)).toMatchObject({ state: 'free' });
      await take(ben);
      expect(await looked(ann)).toMatchObject({ state: 'held', mine: false, owner: ben.address });
      const { owed } = await ann.call('names.list', {});
      expect(owed.map(({ amountText }) => amountText)).toEqual(deposit === null ? [] : [deposit]);
    });
  },
);
