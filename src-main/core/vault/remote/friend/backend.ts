import { utf8 } from '#core/crypto/bytes.ts';
import { lastTime } from '#shared/model/ids.ts';
import { decodePlaceIdentity, encodePlaceIdentity, type PlaceIdentity } from '../../format/place-identity.ts';
import type { Inspection } from '../../places/inspect.ts';
import { createHealth, type RemoteBackend } from '../remote-backend.ts';
import type { Clock } from '../timing.ts';
import { type Reason, Trouble } from '../trouble.ts';
import { createLink, type FriendTuning, usualTuning } from './link.ts';
import { RoomSaid, type Session } from './session.ts';
import { createFriendStore } from './store.ts';
import type { FriendTarget } from './target.ts';
import { oddTrouble } from './words.ts';

/**
 * A place in a room that a contact's Hypha keeps, reached over the mesh.
 *
 * @param device what fails together with it
 */
export function createFriendBackend(
  target: FriendTarget,
  device: string,
  clock: Clock,
  tuning: Partial<FriendTuning> = {},
): RemoteBackend {
  const { friend } = target;
  const link = createLink(target, clock, { ...usualTuning, ...tuning });
  const { reading, writing, writable, reason } = createHealth(clock);
  let notice: Reason | null = null;

  const markOf = async (session: Session): Promise<Uint8Array | null> => {
    try {
      const answer = await session.ask({ kind: 'mark' });
      if (answer.kind !== 'bytes') throw oddTrouble(friend);
      return answer.bytes;
    } catch (error) {
      if (error instanceof RoomSaid && error.error === 'none') return null;
      throw error;
    }
  };
  const identityOf = (mark: Uint8Array): PlaceIdentity | null =>
    decodePlaceIdentity(Buffer.from(mark).toString('utf8'));
  const isThis = (mark: Uint8Array | null, vault: string, place: string): boolean => {
    const identity = mark === null ? null : identityOf(mark);
    return identity?.vault === vault && identity.place === place;
  };
  const isMarked = (vault: string, place: string): Promise<boolean> =>
    link.use('reads', async (session) => isThis(await markOf(session), vault, place));

  const look = async (session: Session): Promise<Inspection> => {
    const room = await session.ask({ kind: 'room' });
    if (room.kind !== 'room') throw oddTrouble(friend);
    notice = room.until === 0 ? null : closingNotice(friend, room.until);
    const seen = { identity: null, writable: room.until === 0 && writable(), device, free: room.free };
    const mark = await markOf(session);
    if (mark !== null) {
      const identity = identityOf(mark);
      return identity === null ? { ...seen, kind: 'bad-mark' } : { ...seen, kind: 'place', identity };
    }
    return { ...seen, kind: room.used === 0 ? 'empty' : 'unmarked' };
  };
  const store = createFriendStore(link, friend);

  return {
    async inspect() {
      try {
        return await reading(link.use('reads', look));
      } catch (error) {
        const kind = error instanceof Trouble ? error.kind : 'broken';
        const silent = kind === 'silent' || kind === 'closed';
        return { kind: silent ? 'silent' : 'unreadable', identity: null, writable: false, device, free: null };
      }
    },
    isMarked: (vault, place) => reading(isMarked(vault, place)).catch(() => false),
    async claim(identity) {
      const bytes = utf8(encodePlaceIdentity(identity));
      try {
        await writing(link.use('reads', (session) => session.ask({ kind: 'claim', bytes })));
        return true;
      } catch (error) {
        if (!(error instanceof RoomSaid) || error.error !== 'taken') throw error;
        return reading(isMarked(identity.vault, identity.place));
      }
    },
    unclaim: (vault, place) =>
      writing(
        link.use('reads', async (session) => {
          const mark = await markOf(session);
          if (mark === null || !isThis(mark, vault, place)) return;
          await session.ask({ kind: 'unclaim', bytes: mark });
        }),
      ),
    store: {
      put: (name, parts, taken) => writing(store.put(name, parts, taken)),
      settle: () => writing(store.settle()),
      read: (name, offset, into) => reading(store.read(name, offset, into)),
      size: (name) => reading(store.size(name)),
      remove: (name) => writing(store.remove(name)),
      list: (directory) => reading(store.list(directory)),
    },
    reason,
    notice: () => notice,
    async close() {
      link.close();
    },
  };
}

const closingNotice = (friend: string, until: number): Reason => ({
  text: `${friend} needs the room back on ${new Date(Math.min(until, lastTime)).toISOString().slice(0, 10)}. Until then it can be read; it takes nothing new.`,
  next: 'What lies there moves to your other places by itself, if enough of them have room. Stop using this one before that day.',
});
