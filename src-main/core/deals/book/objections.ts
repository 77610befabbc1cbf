import type { Context } from '../context.ts';
import { hashOfText } from '../terms/manifest.ts';
import type { Book } from './book.ts';

/** What tenants objected to, in their words. The chain has only the hash, and no other words are taken for theirs. */
export function createObjections({ database }: Context, book: Book) {
  const { db } = database;
  const put = db.prepare('INSERT OR REPLACE INTO reasons VALUES (?, ?)');
  const onChain = (deal: string) => book.events(deal).findLast(({ name }) => name === 'Disputed');
  return {
    keep(deal: string, reason: string): void {
      const event = onChain(deal);
      if (event === undefined || event.args.reason === hashOfText(reason)) put.run(deal, reason);
    },
    /** @returns null for a deal that nobody objected to */
    of(deal: string): { at: number; amount: bigint; reason: string | null } | null {
      const event = onChain(deal);
      if (event === undefined) return null;
      const row = db.prepare('SELECT reason FROM reasons WHERE deal = ?').get(deal) as { reason: string } | undefined;
      const said = row !== undefined && hashOfText(row.reason) === event.args.reason ? row.reason : null;
      return { at: event.at * 1_000, amount: BigInt(String(event.args.amount ?? 0)), reason: said };
    },
  };
}
export type Objections = ReturnType<typeof createObjections>;
