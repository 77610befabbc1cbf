import { afterEach, describe, expect, it } from 'vitest';
import { anvilPath } from '#core/evm/testing/anvil.ts';
import type { DealView, OfferView } from '#shared/contract/deals.ts';
import { createTown, type Dweller, type Town } from './testing/town.ts';

/* The life of a deal between two people, on a ledger of one's own and on a chain of another make. */

const anvil = anvilPath();
if (anvil === null) console.warn('The story on anvil is skipped: its package is not installed here.');
const credit = 1_000_000n;
const day = 86_400;
const nothing = expect.anything();

let town: Town;
let ann: Dweller;
let ben: Dweller;
afterEach(() => town?.stop());

async function people(path: string | null): Promise<void> {
  town = await createTown(path);
  ann = await town.dweller('Ann', 1);
  ben = await town.dweller('Ben', 2);
  await town.issue(ben.account, 1_000n * credit);
}
const offered = (more: object = {}): Promise<OfferView> =>
  ann.call('deals.offer', {
    ...{ chain: town.chain.ref, to: 'Ben', what: 'A small machine\nwith a disk', price: '25.92', per: 'month' },
    ...{ grace: day, window: 3_600, notice: day },
    ...more,
  });
const received = async (who: Dweller): Promise<OfferView[]> =>
  ((await who.call('deals.offers', { role: 'received' })) as { offers: OfferView[] }).offers;
const get = (who: Dweller, deal: string): Promise<DealView> => who.call('deals.get', { deal } as never);

/** Seconds that it ran. */
const served = (deal: DealView): bigint => BigInt(deal.asOf - (deal.startedAt ?? 0)) / 1_000n;

describe.each([['an own ledger', null] as const, ...(anvil === null ? [] : [['anvil', anvil] as const])])(
  'two people on %s',
  (_name, path) => {
    it('agree, serve, pay to the unit, go on after a pause, end, and have everything paid out', async () => {
      await people(path);
      await offered();
      await expect.poll(() => received(ben), { timeout: 10_000 }).toHaveLength(1);
      const [offer] = await received(ben);
      // 25.92 credits in 30 days are 10 of the smallest unit a second.
      expect(offer).toMatchObject({
        state: 'open',
        problems: [],
        left: 1,
        provider: { name: 'Ann', contact: 'Ann' },
        terms: { price: { second: '10', day: '864000' }, token: { symbol: 'OLGAS', decimals: 6 } },
        minDeposit: '864000',
      });
      const made: DealView = await ben.call('deals.accept', { offer: offer?.id ?? '', deposit: '1.728' });
      const deal = made.id;
      expect(made).toMatchObject({
        role: 'tenant',
        state: 'agreed',
        balance: '1728000',
        can: ['deals.topUp'],
        fresh: true,
      });
      expect(await ben.balance()).toBe(1_000n * credit - 1_728_000n);
      // Ann heard of it by a letter, and knows whom it is with.
      await expect
        .poll(async () => ((await ann.call('deals.list', {})) as { deals: DealView[] }).deals, { timeout: 10_000 })
        .toMatchObject([
          {
            id: deal,
            role: 'provider',
            other: { name: 'Ben' },
            state: 'agreed',
            terms: { what: 'A small machine\nwith a disk' },
          },
        ]);
      expect(await ann.call('deals.start', { deal })).toMatchObject({ state: 'active', startedAt: nothing });

      await town.pass(day);
      const running = await get(ben, deal);
      const cost = BigInt(running.cost);
      expect(cost).toBe(10n * served(running));
      expect(cost).toBeGreaterThan(860_000n);
      expect(BigInt(running.balance) + cost).toBe(1_728_000n);
      expect((running.runsOutAt ?? 0) - running.asOf).toBe((Number(running.balance) / 10) * 1_000);

      // Its deposit is used up: it pauses, and costs nothing while it does.
      await town.pass(day + 60);
      const paused = await get(ben, deal);
      expect(paused).toMatchObject({ state: 'grace', cost: '1728000', balance: '0', runsOutAt: null });
      expect((paused.graceUntil ?? 0) - paused.asOf).toBeLessThanOrEqual(day * 1_000);
      expect(await ben.call('deals.topUp', { deal, amount: '0.864' })).toMatchObject({
        state: 'active',
        balance: '864000',
      });
      const anew = await get(ben, deal);
      await town.pass(7_200);
      const again = await get(ben, deal);
      expect(BigInt(again.cost) - BigInt(anew.cost)).toBe(BigInt(again.asOf - anew.asOf) / 100n);
      expect(BigInt(again.cost)).toBeGreaterThan(1_728_000n + 70_000n);

      // What nobody can object to any more is hers; the pay of the last hour stays.
      const { paid } = (await ann.call('deals.withdraw', { chain: town.chain.ref })) as { paid: string };
      expect(await ann.balance()).toBe(BigInt(paid));
      const held = await get(ann, deal);
      expect(Number(held.earned)).toBeGreaterThanOrEqual(36_000);
      expect(Number(held.earned)).toBeLessThan(36_200);
      expect(BigInt(paid) + BigInt(held.earned)).toBe(BigInt(held.cost));

      expect(await ben.call('deals.end', { deal })).toMatchObject({ state: 'ended', runsOutAt: null });
      await town.pass(4_000);
      await ann.call('deals.withdraw', { chain: town.chain.ref });
      await ben.call('deals.withdraw', { chain: town.chain.ref });
      const over = await get(ben, deal);
      expect(over).toMatchObject({ state: 'closed', earned: '0', balance: '0', can: [] });
      // To the unit: what she has is what it cost him, and nothing is left in between.
      expect(await ann.balance()).toBe(BigInt(over.cost));
      expect(await ben.balance()).toBe(1_000n * credit - BigInt(over.cost));
      const { events } = (await ben.call('deals.history', { deal })) as { events: { what: string }[] };
      expect(events.map(({ what }) => what)).toEqual(
        expect.arrayContaining(['Agreed', 'Started', 'ToppedUp', 'Earned', 'Released', 'Ended', 'Closed']),
      );
      expect(await ben.call('deals.costs', {})).toMatchObject({
        tokens: [{ outADay: '0', inADay: '0', spent: over.cost, owed: '0', next: null }],
      });
    }, 120_000);
  },
);
