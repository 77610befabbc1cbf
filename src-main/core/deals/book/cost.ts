import type { Escrow } from '../chain/escrow.ts';
import type { KeptEvent } from './book.ts';

const sum = (events: readonly KeptEvent[], name: string, field: string): bigint =>
  events.reduce((total, event) => (event.name === name ? total + BigInt(String(event.args[field] ?? 0)) : total), 0n);

/** What a deal has cost its tenant: all that was ever earned, less what came back of it. */
export function costOf(events: readonly KeptEvent[], escrow: Pick<Escrow, 'since'>): bigint {
  const earned = sum(events, 'Earned', 'amount') + escrow.since;
  const back = sum(events, 'Refunded', 'amount') + sum(events, 'Closed', 'toTenant');
  return earned > back ? earned - back : 0n;
}

export const startedAt = (events: readonly KeptEvent[]): number | null => {
  const event = events.find(({ name }) => name === 'Started');
  return event === undefined ? null : event.at * 1_000;
};
