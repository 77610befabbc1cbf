import type { Handlers } from '#core/broker/handlers.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Core } from '../core.ts';
import { notAFile } from '../failures.ts';
import type { Sharing } from '../sharing/sharing.ts';
import type { createTickets, Ticket } from '../tickets.ts';
import type { Versions } from '../versions/versions.ts';
import { nodeOf } from './describe.ts';
import { fileThen, readFile } from './read.ts';

type Part = Pick<Handlers<typeof vaultContract>, 'vault.ticket' | 'vault.redeem' | 'vault.readTicket'>;

/** Files under short-lived addresses: of the vault as it is, of a snapshot, and of what contacts share. */
export function ticketHandlers(
  core: Core,
  tickets: ReturnType<typeof createTickets>,
  versions: Versions,
  sharing: Sharing,
): Part {
  const freshOf = (share: string) => () => sharing.parts().taking.the(share);

  /** What a ticket stands for now. @throws Fail LOCKED, NOT_FOUND */
  const the = async (id: string) => {
    const session = await core.session();
    const ticket = tickets.redeem(id);
    const file = ticket && (ticket.from?.file ?? session.tree.get(ticket.item));
    if (!ticket || !file) {
      throw fail('NOT_FOUND', 'This address is no longer valid.', { next: 'Open the file again from its folder.' });
    }
    return { session, ticket, file };
  };

  return {
    async 'vault.ticket'({ item, snapshot, share, disposition }, context) {
      const session = await core.session();
      const urlOf = (ticket: Ticket, name: string) => ({
        url: `/media/${tickets.issue(ticket)}/${encodeURIComponent(name.toWellFormed())}`,
      });
      if (share !== undefined) {
        const { item: file } = await sharing.parts().fetching.look(freshOf(share), item, null, context.signal);
        if (file.kind !== 'file') throw notAFile(file.name);
        return urlOf({ item: file.id, from: { share, file }, disposition }, file.name);
      }
      if (snapshot !== undefined) {
        const file = await fileThen(session, versions, snapshot, item);
        return urlOf({ item: file.id, from: { snapshot, file }, disposition }, file.name);
      }
      const node = nodeOf(session, item);
      if (node.kind !== 'file') throw notAFile(node.name);
      return urlOf({ item: node.id, disposition }, node.name);
    },

    async 'vault.redeem'({ ticket: id }) {
      const { ticket, file } = await the(id);
      const { name, mime, size } = file;
      return { item: ticket.item as ItemId, name, mime, size, disposition: ticket.disposition };
    },

    async *'vault.readTicket'({ ticket: id, offset, length }, { signal }) {
      const { session, ticket, file } = await the(id);
      const { item, from } = ticket;
      const most = Math.min(length, Math.max(0, file.size - offset));
      if (from !== undefined && 'share' in from) {
        yield* sharing.parts().fetching.read(freshOf(from.share), item as ItemId, offset, most, signal);
      } else {
        yield* readFile(session, item, offset, most, signal);
      }
    },
  };
}
