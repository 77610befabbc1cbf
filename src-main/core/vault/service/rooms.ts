import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { vaultRoomsContract } from '#shared/contract/vault/rooms.ts';
import { type Asking, describeAsked } from '../asking/asking.ts';
import type { StoredAsked } from '../asking/stored.ts';
import type { Core } from '../core.ts';
import type { HostingSwitch } from '../hosting/hosting.ts';

type Methods = typeof vaultRoomsContract;

const gibibyte = 1024 ** 3;
const day = 86_400_000;

export function roomHandlers(core: Core, asking: Asking, hosting: HostingSwitch): Handlers<Methods> {
  const { host, streams } = core.deps;
  const isUsed = (grant: string): boolean =>
    core.state() !== 'none' &&
    core
      .opened()
      .catalogue.places()
      .some(({ address }) => address.kind === 'friend' && address.room === grant);
  const described = (room: StoredAsked) =>
    describeAsked(room, streams?.nameOf(room.contact) ?? null, isUsed(room.grant));
  return {
    async 'vault.askRoom'({ contact, gib }, context) {
      const room = await asking.ask(contact, Math.round(gib * gibibyte), core.root());
      context.undo('vault.withdrawRoom', { contact: `@${room.contact}` });
      return { room: described(room) };
    },
    'vault.askedRooms'() {
      asking.refresh();
      return { rooms: asking.all().map(described) };
    },
    async 'vault.withdrawRoom'({ contact }) {
      await asking.forget(contact);
      return {};
    },
    'vault.hosting': () => hosting.view(),
    async 'vault.giveRoom'({ contact, gib, directory }) {
      await hosting.give(contact, Math.round(gib * gibibyte), directory);
      return hosting.view();
    },
    async 'vault.refuseRoom'({ contact }) {
      await hosting.refuse(contact);
      return hosting.view();
    },
    async 'vault.closeRoom'({ contact, days }, context) {
      const { contact: id } = hosting.theRoom(contact);
      await hosting.close(contact, days);
      context.undo('vault.reopenRoom', { contact: `@${id}` });
      return hosting.view();
    },
    async 'vault.reopenRoom'({ contact }, context) {
      const { contact: id, until } = hosting.theRoom(contact);
      await hosting.reopen(contact);
      if (until !== null) {
        const days = Math.min(365, Math.max(1, Math.ceil((until - host.now()) / day)));
        context.undo('vault.closeRoom', { contact: `@${id}`, days });
      }
      return hosting.view();
    },
    async 'vault.endRoom'({ contact }) {
      await hosting.end(contact);
      return hosting.view();
    },
  };
}

/** What is wrong with a call, so that nobody is asked to allow what cannot be. */
export const roomChecks = (core: Core, hosting: HostingSwitch): Checks<Methods> => ({
  'vault.askRoom': ({ contact }) => void core.deps.streams?.contact(contact),
  'vault.closeRoom': ({ contact }) => void hosting.theRoom(contact),
  'vault.reopenRoom': ({ contact }) => void hosting.theRoom(contact),
  'vault.endRoom': ({ contact }) => void hosting.theRoom(contact),
});

/** A name with whom it means now, and whether anybody made sure of that. */
export function roomNaming(core: Core): Naming<Methods> {
  const named = ({ contact }: { contact: string }) => ({ contact: core.deps.streams?.say(contact) ?? contact });
  return {
    'vault.askRoom': named,
    'vault.withdrawRoom': named,
    'vault.giveRoom': named,
    'vault.refuseRoom': named,
    'vault.closeRoom': named,
    'vault.reopenRoom': named,
    'vault.endRoom': named,
  };
}
