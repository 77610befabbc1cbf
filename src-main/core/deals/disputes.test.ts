import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DealView, ProposalView } from '#shared/contract/deals.ts';
import { createPair, type Pair } from './testing/pair.ts';
import type { Dweller, Town } from './testing/town.ts';

/* An objection to its end, what both agree to give back, and receipts of service; all of it to the unit. */

const credit = 1_000_000n;
const day = 86_400;
const patience = { timeout: 10_000 };
let pair: Pair;
let town: Town;
let ann: Dweller;
let ben: Dweller;
beforeEach(async () => {
  pair = await createPair();
  ({ town, ann, ben } = pair);
});
afterEach(() => pair?.town.stop());

const get = (who: Dweller, deal: string): Promise<DealView> => who.call('deals.get', { deal } as never);
type Proposed = { proposal: ProposalView; link: string };

const theirs = (who: Dweller, deal: string, id: string): Promise<unknown> =>
  expect.poll(async () => (await get(who, deal)).proposals.map((one) => one.id), patience).toContain(id);

it('an objection is told in its own words and ends as both sign, once', async () => {
  const deal = (await pair.running()) as never;
  await town.pass(day);
  const objected: DealView = await ben.call('deals.dispute', { deal, reason: 'It was slow.' });
  expect(objected).toMatchObject({ state: 'disputed', earned: '36000', objection: { reason: 'It was slow.' } });
  await expect.poll(async () => (await get(ann, deal)).objection?.reason, patience).toBe('It was slow.');
  await expect(ann.call('deals.propose', { deal, kind: 'settlement', amount: '0.036001' })).rejects.toMatchObject({
    code: 'AMOUNT_TOO_MUCH',
  });
  const { proposal }: Proposed = await ann.call('deals.propose', { deal, kind: 'settlement', amount: '0.02' });
  await expect(ann.call('deals.confirm', { proposal: proposal.id })).rejects.toMatchObject({
    code: 'PROPOSAL_INVALID',
  });
  await theirs(ben, deal, proposal.id);
  const { deal: over }: { deal: DealView } = await ben.call('deals.confirm', { proposal: proposal.id });
  expect(over).toMatchObject({ state: 'closed', earned: '0', proposals: [{ state: 'done' }] });
  // She reads it on the chain, whoever handed it in; and nobody signs it again.
  expect((await get(ann, deal)).proposals).toMatchObject([{ state: 'done' }]);
  await expect(ann.call('deals.confirm', { proposal: proposal.id })).rejects.toMatchObject({
    code: 'PROPOSAL_INVALID',
  });
  await ann.call('deals.withdraw', { chain: town.chain.ref });
  await ben.call('deals.withdraw', { chain: town.chain.ref });
  expect(await ann.balance()).toBe(BigInt(over.cost));
  expect(await ben.balance()).toBe(1_000n * credit - BigInt(over.cost));
}, 60_000);

it('an objection that nobody decides ends as the offer says, and not before its time', async () => {
  const deal = (await pair.running()) as never;
  await town.pass(day);
  await ben.call('deals.dispute', { deal, reason: 'It was down.' });
  await expect(ann.call('deals.resolveLate', { deal })).rejects.toMatchObject({ code: 'WRONG_STATE' });
  await town.pass(30 * day);
  const before = BigInt((await get(ann, deal)).cost);
  expect(await ann.call('deals.resolveLate', { deal })).toMatchObject({ state: 'closed', cost: `${before - 27_000n}` });
  await expect(ben.call('deals.resolveLate', { deal })).rejects.toMatchObject({ code: 'WRONG_STATE' });
}, 60_000);

it('receipts say what was missing and what it cost; that goes back once, and no other receipt stands beside them', async () => {
  const deal = (await pair.running()) as never;
  await town.pass(7_200);
  const { startedAt } = await get(ann, deal);
  const from = startedAt ?? 0;
  const report = (until: number, upSeconds: number): Promise<Proposed> =>
    ann.call('deals.report', { deal, from: from as never, until: (from + until) as never, upSeconds });
  const { proposal } = await report(3_600_000, 3_000);
  expect(proposal.words).toContain('which cost 0.006 OLGAS');
  await expect(report(3_600_000, 3_600)).rejects.toMatchObject({ code: 'RECEIPT_WRONG' });
  await expect(report(1_800_000, 1_800)).rejects.toMatchObject({ code: 'RECEIPT_WRONG' });
  await expect(report(90_000_000, 1)).rejects.toMatchObject({ code: 'RECEIPT_WRONG' });
  await theirs(ben, deal, proposal.id);
  expect(await ben.call('deals.confirm', { proposal: proposal.id })).toMatchObject({
    proposal: { state: 'confirmed' },
  });
  await expect.poll(async () => (await get(ann, deal)).proposals[0]?.state, patience).toBe('confirmed');

  const first: Proposed = await ben.call('deals.propose', { deal, kind: 'refund', amount: '0.006' });
  const second: Proposed = await ben.call('deals.propose', { deal, kind: 'refund', amount: '0.005' });
  await theirs(ann, deal, second.proposal.id);
  await ann.call('deals.confirm', { proposal: first.link });
  // The other was for the same place in the row: it can never be handed in beside it.
  await expect(ann.call('deals.confirm', { proposal: second.link })).rejects.toMatchObject({
    code: 'PROPOSAL_INVALID',
  });
  const states = (await get(ben, deal)).proposals.map(({ amount, state }) => [amount, state]);
  expect(states).toEqual(
    expect.arrayContaining([
      ['6000', 'done'],
      ['5000', 'over'],
    ]),
  );
  await ben.call('deals.withdraw', { chain: town.chain.ref });
  expect(await ben.balance()).toBe(1_000n * credit - 1_728_000n + 6_000n);
}, 60_000);

it('nothing is accounted for in a deal that is not there', async () => {
  const deal = `0x${'ab'.repeat(32)}` as never;
  await expect(ann.call('deals.settle', { deal })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
