import type { KeptEvent } from '../book/book.ts';
import type { Escrow } from '../chain/escrow.ts';
import type { ProposalBody } from '../terms/link.ts';

type Said = ProposalBody['statement'];
type Receipt = Extract<Said, { readonly kind: 'receipt' }>;

/* What may be signed. A signature that was given stays good: nothing is signed that could be used at another time than now. */

/** The last second that every part of Hypha can show. */
const lastSecond = 8_640_000_000_000n;

/** @returns why a receipt cannot be true, by itself; null where it can */
export function faultOfReceipt({ from, until, up }: Receipt): string | null {
  const [first, last] = [BigInt(from), BigInt(until)];
  if (last <= first) return 'it ends before it begins';
  if (last > lastSecond) return 'its time is not over yet';
  if (BigInt(up) > last - first) return 'the service cannot have been up longer than that';
  return null;
}

/** Of the same time in part, and not the same. */
export function contradicts(a: Said, b: Said): boolean {
  if (a.kind !== 'receipt' || b.kind !== 'receipt') return false;
  const apart = BigInt(a.until) <= BigInt(b.from) || BigInt(b.until) <= BigInt(a.from);
  const same = a.from === b.from && a.until === b.until && a.up === b.up && a.traffic === b.traffic;
  return !apart && !same;
}

/** @returns why it cannot be signed as the deal is now; null where it can */
export function faultNow(said: Said, escrow: Escrow): string | null {
  switch (said.kind) {
    case 'refund':
      if (said.index !== escrow.refunds) return 'another refund was agreed on since, or is to come first';
      return BigInt(said.amount) > escrow.earned ? 'it is more than there is to give back' : null;
    case 'settlement':
      if (escrow.state !== 'disputed') return 'nobody objects to anything now';
      return BigInt(said.toProvider) > escrow.earned ? 'it is more than what is objected to' : null;
    case 'receipt':
      return faultOfReceipt(said) ?? (BigInt(said.until) > escrow.at ? 'its time is not over yet' : null);
  }
}

/** What the chain says became of it; null while nothing did. */
export function outcomeOf(said: Said, events: readonly KeptEvent[]): 'done' | 'over' | null {
  if (said.kind === 'receipt') return null;
  const closed = events.findLast(({ name }) => name === 'Closed')?.args;
  if (said.kind === 'settlement')
    return closed === undefined ? null : String(closed.toProvider) === said.toProvider ? 'done' : 'over';
  const refund = events.find(({ name, args }) => name === 'Refunded' && Number(args.index) === said.index)?.args;
  if (refund !== undefined) return String(refund.amount) === said.amount ? 'done' : 'over';
  return closed === undefined ? null : 'over';
}
