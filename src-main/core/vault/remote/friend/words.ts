import { isFail } from '#shared/rpc/fail.ts';
import { Trouble } from '../trouble.ts';
import type { RoomError } from './wire/messages.ts';

/** What the other side says, in words. `friend` is what the person calls them. */
export function troubleOfRoom(friend: string, error: RoomError): Trouble {
  const hypha = `${friend}’s Hypha`;
  switch (error) {
    case 'refused':
      return new Trouble('refused', `${hypha} keeps no room for this vault any more.`, {
        next: `Ask ${friend}. If the room is gone for good, stop using the place: what lay there is made again on the others.`,
      });
    case 'full':
      return new Trouble('full', `The room that ${friend} keeps for you is full, or their disk is.`, {
        next: `Ask ${friend} for more room, or add another place.`,
      });
    case 'closing':
      return new Trouble('refused', `${friend} needs the room back: it takes nothing new.`, {
        next: 'Stop using the place, so that what lies there moves to the others in time.',
      });
    case 'away':
      return new Trouble('silent', `The disk with the room at ${hypha} is not connected.`, {
        next: `It is used again as soon as it is back. Ask ${friend} to connect it.`,
        passing: false,
      });
    case 'busy':
      return new Trouble('silent', `${hypha} has too much to do.`, { next: 'It is tried again.' });
    case 'none':
    case 'taken':
      return new Trouble('broken', `${hypha} does not have what was asked for.`, { next: 'Look at the log for more.' });
    case 'disk':
      return new Trouble('broken', `The disk with the room at ${hypha} failed.`, {
        next: `Ask ${friend} to look at that disk.`,
      });
    case 'version':
      return new Trouble('broken', `${hypha} speaks another version of this protocol.`, {
        next: 'Bring both to the newest release.',
      });
    case 'bad':
      return oddTrouble(friend);
  }
}

export const oddTrouble = (friend: string): Trouble =>
  new Trouble('broken', `${friend}’s Hypha answers what makes no sense.`, {
    next: 'Bring both to the newest release.',
  });
export const cutTrouble = (friend: string, cause?: unknown): Trouble =>
  new Trouble('silent', `The connection to ${friend}’s Hypha was cut.`, { cause });
export const lateTrouble = (friend: string): Trouble =>
  new Trouble('silent', `${friend}’s Hypha does not answer in time.`, { passing: false });

/** Why there is no connection. */
export function troubleOfDialling(friend: string, error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  const back = 'It is used again as soon as it is back.';
  if (isFail(error, 'MESH_OFF')) {
    const next = 'Join the mesh. It is used again as soon as the mesh is there.';
    return new Trouble('silent', `${friend}’s Hypha is reached over the mesh, which is off here.`, {
      next,
      passing: false,
      cause: error,
    });
  }
  if (isFail(error, 'REFUSED')) {
    return new Trouble('silent', `${friend}’s Hypha takes no connection from this one.`, {
      next: `Ask ${friend} whether you are among their contacts, and not blocked. ${back}`,
      passing: false,
      cause: error,
    });
  }
  return new Trouble('silent', `${friend}’s Hypha is not there now.`, {
    next: `Their computer may be off. ${back}`,
    passing: false,
    cause: error,
  });
}
