import type { Token } from '../chain/escrow.ts';
import { inWords } from '../context.ts';
import { duration, secondsOf } from './rate.ts';
import type { Offer } from './signed.ts';

/** What an offer says, as sentences for whoever may accept it. */
export function offerWords(offer: Offer, token: Token, chainName: string): string[] {
  const amount = (value: bigint) => inWords(value, token);
  const { rate, minDeposit, grace, window, notice, startWithin } = offer;
  const free = rate === 0n;
  return [
    free
      ? 'It costs nothing.'
      : `It costs ${amount(rate * secondsOf.month)} for 30 days, that is ${amount(rate * secondsOf.day)} a day, counted by the second on ${chainName}.`,
    minDeposit === 0n
      ? 'No deposit is asked for.'
      : `You pay a deposit of at least ${amount(minDeposit)} before it starts; what is not used when it ends comes back to you.`,
    `The provider starts within ${duration(startWithin)}. If not, you can end it and get everything back.`,
    grace === 0
      ? 'When the deposit is used up it ends at once.'
      : `When the deposit is used up it pauses. You can go on by adding to it within ${duration(grace)}; then it ends.`,
    window === 0
      ? 'What is earned is the provider’s at once: you cannot object to it.'
      : `You can object to the pay of the last ${duration(window)} of service (${amount(rate * BigInt(window))}).`,
    `You can end it at any time. The provider tells you ${notice === 0 ? 'nothing before ending it' : `${duration(notice)} before ending it`}.`,
    BigInt(offer.arbiter) === 0n
      ? `If you object and do not agree on how to share, after 30 days the provider gets ${hundredths(offer.fallbackShare)} of that pay and you the rest.`
      : `If you object, ${offer.arbiter} decides within 30 days; else the provider gets ${hundredths(offer.fallbackShare)} of that pay and you the rest.`,
    ...(offer.whole ? ['The whole node is yours meanwhile: nobody else gets anything on it.'] : []),
  ];
}

/** Ten-thousandths as people write them. */
const hundredths = (share: number): string => `${share / 100} %`;
