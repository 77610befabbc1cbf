import { dealsLifeContract } from './deals/life.ts';
import { dealsLookContract } from './deals/look.ts';
import { dealsOffersContract } from './deals/offers.ts';
import { dealsTogetherContract } from './deals/together.ts';

export type { DealView, OfferView, ProposalView } from './deals/shapes.ts';

/** Contracts between two people about a service that is paid by the second. */
export const dealsContract = {
  ...dealsOffersContract,
  ...dealsLifeContract,
  ...dealsTogetherContract,
  ...dealsLookContract,
} as const;
