import type { z } from 'zod';
import type { dealEventSchema } from '#shared/contract/deals/shapes.ts';
import { units } from '#shared/model/evm.ts';
import type { KeptEvent } from './book/book.ts';
import type { Token } from './chain/escrow.ts';
import { inWords } from './context.ts';

type Shown = z.infer<typeof dealEventSchema>;

/** What happened in a deal, the first first, in a person's words. */
export function historyOf(events: readonly KeptEvent[], token: Token | null): Shown[] {
  return events.map((event) => {
    const [amount, text] = wordsOf(event, (value) => (token === null ? String(value) : inWords(value, token)));
    return {
      ...{ at: event.at * 1_000, block: event.block, tx: event.tx, what: event.name },
      amount: amount === null ? null : units(amount),
      words: text,
    };
  });
}

function wordsOf({ name, args }: KeptEvent, say: (amount: bigint) => string): [bigint | null, string] {
  const amount = (field: string): bigint => BigInt(String(args[field] ?? 0));
  switch (name) {
    case 'Agreed':
      return [amount('deposit'), `It was agreed, with a deposit of ${say(amount('deposit'))}.`];
    case 'Started':
      return [null, 'The provider started it.'];
    case 'ToppedUp':
      return [amount('amount'), `${say(amount('amount'))} was added to the deposit.`];
    case 'Earned':
      return [amount('amount'), `${say(amount('amount'))} was earned.`];
    case 'Released':
      return [amount('toProvider'), `${say(amount('toProvider'))} of the pay was freed for the provider.`];
    case 'Refunded':
      return [amount('amount'), `Both agreed that ${say(amount('amount'))} goes back to the tenant.`];
    case 'NoticeGiven':
      return [null, 'The provider gave notice that it will end.'];
    case 'Ended':
      return [amount('toTenant'), `It ended; ${say(amount('toTenant'))} was not used and is the tenant’s.`];
    case 'Disputed':
      return [amount('amount'), `The tenant objected to pay of ${say(amount('amount'))}.`];
    case 'Closed':
      return [
        amount('toProvider'),
        `It was closed: ${say(amount('toProvider'))} for the provider, ${say(amount('toTenant'))} for the tenant.`,
      ];
    default:
      return [null, name];
  }
}
