import type { ShardStore } from '../../ports.ts';
import { Trouble } from '../trouble.ts';
import type { Link } from './link.ts';
import { RoomSaid } from './session.ts';
import { pieceBytes } from './wire/messages.ts';
import { isDirectoryName, isShardName } from './wire/names.ts';
import { oddTrouble } from './words.ts';

const isNone = (error: unknown): boolean => error instanceof RoomSaid && error.error === 'none';

/** Parts one after the other, in pieces as long as one frame takes; each is good until the next is asked for. */
export function* inPieces(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  let small: Uint8Array[] = [];
  let held = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; ) {
      const taken = part.subarray(at, at + pieceBytes - held);
      small.push(taken);
      held += taken.length;
      at += taken.length;
      if (held < pieceBytes) continue;
      yield small.length === 1 ? taken : Buffer.concat(small);
      small = [];
      held = 0;
    }
  }
  if (held > 0) yield Buffer.concat(small);
}

/** Pieces in a room at a contact's Hypha. */
export function createFriendStore(link: Link, friend: string): ShardStore {
  const checked = (name: string): string => {
    if (!isShardName(name)) throw new Error(`“${name}” is no name of a shard`);
    return name;
  };
  return {
    async put(name, parts, taken) {
      checked(name);
      const length = parts.reduce((sum, part) => sum + part.length, 0);
      let lent = true;
      await link.use('puts', async (session) => {
        // The parts may be others by now.
        if (!lent) throw new Trouble('silent', `The connection to ${friend}’s Hypha was cut.`, { passing: false });
        try {
          await session.put(name, length, inPieces(parts), () => {
            lent = false;
            taken?.();
          });
        } catch (error) {
          if (lent || !(error instanceof Trouble) || !error.passing) throw error;
          throw new Trouble(error.kind, error.message, { next: error.next, passing: false, cause: error });
        }
      });
    },
    settle: () =>
      link.use('reads', async (session) => {
        await session.ask({ kind: 'settle' });
      }),
    async read(name, offset, target) {
      checked(name);
      const one = async (at: number): Promise<boolean> => {
        const part = target.subarray(at, at + pieceBytes);
        return link.use('reads', async (session) => {
          try {
            const asked = { kind: 'read', offset: offset + at, length: part.length, name } as const;
            const answer = await session.ask(asked);
            if (answer.kind !== 'bytes' || answer.bytes.length !== part.length) throw oddTrouble(friend);
            part.set(answer.bytes);
            return true;
          } catch (error) {
            if (isNone(error)) return false;
            throw error;
          }
        });
      };
      const reads: Promise<boolean>[] = [];
      for (let at = 0; at === 0 || at < target.length; at += pieceBytes) reads.push(one(at));
      // Those under way still write into the target: they end first.
      const ends = await Promise.allSettled(reads);
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return ends.every((end) => end.status === 'fulfilled' && end.value);
    },
    size: (name) =>
      link.use('reads', async (session) => {
        try {
          const answer = await session.ask({ kind: 'size', name: checked(name) });
          if (answer.kind !== 'length') throw oddTrouble(friend);
          return answer.length;
        } catch (error) {
          if (isNone(error)) return null;
          throw error;
        }
      }),
    remove: (name) =>
      link.use('reads', async (session) => {
        await session.ask({ kind: 'remove', name: checked(name) });
      }),
    list: (directory) => {
      if (!isDirectoryName(directory)) throw new Error(`“${directory}” is no directory of shards`);
      return link.use('reads', (session) => session.list(directory));
    },
  };
}
