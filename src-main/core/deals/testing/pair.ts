import { expect } from 'vitest';
import type { DealView, OfferView } from '#shared/contract/deals.ts';
import { createTown, type Dweller, type Town } from './town.ts';

/** Ann offers and Ben, who has 1,000 credits, accepts; on an own ledger. */
export interface Pair {
  readonly town: Town;
  readonly ann: Dweller;
  readonly ben: Dweller;
  /** A machine for 10 units a second, an hour of which can be objected to; sent to Ben. */
  offer(): Promise<OfferView>;
  /** Such an offer accepted with 1.728 credits and started. @returns the deal's id */
  running(): Promise<string>;
}

export async function createPair(): Promise<Pair> {
  const town = await createTown(null);
  const ann = await town.dweller('Ann', 1);
  const ben = await town.dweller('Ben', 2);
  await town.issue(ben.account, 1_000_000_000n);
  const day = 86_400;
  const terms = { price: '25.92', per: 'month', grace: day, window: 3_600, notice: day, fallbackShare: 2_500 } as const;
  const offer = (): Promise<OfferView> =>
    ann.call('deals.offer', { chain: town.chain.ref, to: 'Ben', what: 'A machine', ...terms });
  return {
    ...{ town, ann, ben, offer },
    async running() {
      const { link } = await offer();
      const { id } = (await ben.call('deals.accept', { offer: link, deposit: '1.728' })) as DealView;
      const start = () => ann.call('deals.start', { deal: id } as never).catch(() => null);
      await expect.poll(start, { timeout: 10_000 }).not.toBeNull();
      return id;
    },
  };
}
