import type { DealView, OfferView } from '#shared/contract/deals.ts';
import type { Money } from '../../lib/money/format.ts';
import type { Tone } from '../../ui/state.tsx';

/** How a deal stands, as a tone; its word is `deals.state.STATE`. */
export const dealTone: Readonly<Record<DealView['state'], Tone>> = {
  agreed: 'waiting',
  late: 'attention',
  active: 'active',
  grace: 'attention',
  ended: 'idle',
  disputed: 'attention',
  closed: 'idle',
};

export const offerTone: Readonly<Record<OfferView['state'], Tone>> = {
  open: 'ok',
  expired: 'idle',
  usedUp: 'idle',
  takenBack: 'idle',
  unknown: 'waiting',
};

/** So much of the token that a deal is paid in. */
export const moneyOf = (token: Pick<Money, 'decimals' | 'symbol'>, units: string): Money => ({
  units,
  decimals: token.decimals,
  symbol: token.symbol,
});

/** What it is about, in one line: its own words are whatever the provider wrote. */
export function titleOf(what: string | null): string | null {
  const line = what?.split('\n').find((text) => text.trim() !== '');
  return line === undefined ? null : line.trim().slice(0, 120);
}
