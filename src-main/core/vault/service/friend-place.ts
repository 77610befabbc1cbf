import { type AddressOf, type OpenAddress, whereWords } from '#shared/contract/vault.ts';
import type { VaultDeps } from '../ports.ts';
import { lookAtAll } from '../remote/friend/knock.ts';
import { Trouble } from '../remote/trouble.ts';
import { badPlace } from './place-checks.ts';

/** Where a contact keeps room for us: asked of their devices where it is not known. @throws Fail NOT_FOUND, LOCKED, BAD_PLACE */
export async function friendAddress(
  { streams, host }: Pick<VaultDeps, 'host' | 'streams'>,
  given: Extract<OpenAddress, { kind: 'friend' }>,
): Promise<AddressOf<'friend'>> {
  const { contact, hostKey, room } = given;
  if (hostKey !== null && room !== null) return { kind: 'friend', contact, hostKey, room };
  const where = whereWords(given);
  if (streams === undefined) throw badPlace(where, 'there is no mesh here', 'Join the mesh.');
  const { name, devices } = streams.contact(contact);
  const there = await lookAtAll({ streams, clock: host }, name, devices).catch((error: unknown) => {
    if (!(error instanceof Trouble)) throw error;
    throw badPlace(where, error.message.replace(/\.$/, ''), error.next);
  });
  const found = there.find((one) => one.room !== null && (hostKey === null || one.hostKey === hostKey));
  if (found?.room == null) {
    const ask = `Ask them first: hypha vault ask-room ${contact} 20`;
    throw badPlace(where, `${name} has not agreed to keep room for you`, ask);
  }
  return { kind: 'friend', contact: contact.replace(/^@.*/, name), hostKey: found.hostKey, room: found.room.grant };
}
