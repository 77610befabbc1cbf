import { randomId } from '#core/crypto/ids.ts';
import type { Host } from '#core/host.ts';

export interface Ticket {
  readonly item: string;
  /** Left out: of the vault as it is when it is asked for. A file of a snapshot or of a share does not change under its id. */
  readonly from?: ({ readonly snapshot: number } | { readonly share: string }) & {
    readonly file: { readonly name: string; readonly mime: string; readonly size: number };
  };
  readonly disposition: 'inline' | 'attachment';
}

/** A ticket that nobody redeems for this long is void. */
export const ticketIdleMs = 10 * 60_000;
const most = 1000;

/** Short-lived names of 128 random bits under which the shell may show one file. Forgotten on lock. */
export function createTickets(host: Pick<Host, 'now' | 'random'>) {
  const tickets = new Map<string, Ticket & { used: number }>();
  const sweep = (): void => {
    for (const [id, ticket] of tickets) if (host.now() - ticket.used > ticketIdleMs) tickets.delete(id);
  };
  return {
    issue(ticket: Ticket): string {
      sweep();
      // The oldest goes first: maps keep the order of insertion.
      for (const id of tickets.keys()) if (tickets.size >= most) tickets.delete(id);
      const id = randomId(host.random);
      tickets.set(id, { ...ticket, used: host.now() });
      return id;
    },
    redeem(id: string): Ticket | null {
      sweep();
      const ticket = tickets.get(id);
      if (!ticket) return null;
      ticket.used = host.now();
      return ticket;
    },
    clear: () => tickets.clear(),
  };
}
