import type { ShardStore } from '../../ports.ts';
import { again } from '../again.ts';
import type { RespClient } from '../resp/client.ts';
import type { Word } from '../resp/encode.ts';
import { type Reply, ReplyError } from '../resp/reply.ts';
import { splitName } from '../shard-name.ts';
import { firstError, RedisError, typed } from './errors.ts';

/** Names in a directory are a set of their own, so that they are listed without looking at every key there is. */
export const namesKey = (directory: string): string => `names:${directory}`;

/** A long read is several, so that others come in between. */
const readBytes = 4 * 1024 * 1024;

/**
 * Shards as strings: one key a shard, which is there whole or not at all; and one set for each directory with the names in it. Both
 * are changed in one transaction, and a name counts only while its key is there, so that what a server lost is not listed.
 */
export function createRedisStore(client: RespClient, settle: () => Promise<void>): ShardStore {
  const transaction = async (commands: readonly (readonly Word[])[], sent?: () => void): Promise<void> => {
    const replies = await client.batch([['MULTI'], ...commands, ['EXEC']], sent);
    const error = firstError(replies);
    if (error) throw error;
    if (!Array.isArray(replies.at(-1))) throw new RedisError('the transaction was dropped');
  };
  const ask = (...words: readonly Word[]): Promise<Reply> =>
    again(() => client.command(...words)).catch((error: unknown) => {
      throw typed(error);
    });
  const piece = async (name: string, offset: number, target: Uint8Array): Promise<boolean> => {
    const words = ['GETRANGE', name, offset, offset + target.length - 1];
    return (await client.readInto(words, target)) === target.length;
  };
  return {
    async put(name, parts, taken) {
      splitName(name);
      let lent = true;
      const once = (): void => {
        if (lent) taken?.();
        lent = false;
      };
      const enter = levels(name).map(([directory, base]): Word[] => ['SADD', namesKey(directory), base]);
      await transaction([...enter, ['SET', name, parts]], once);
      once();
    },
    settle,
    async read(name, offset, target) {
      splitName(name);
      if (target.length === 0) return (await this.size(name)) !== null;
      const reads: Promise<boolean>[] = [];
      for (let at = 0; at < target.length; at += readBytes) {
        const part = target.subarray(at, at + readBytes);
        reads.push(again(() => piece(name, offset + at, part)));
      }
      try {
        return (await Promise.all(reads)).every(Boolean);
      } catch (error) {
        // The others still write into the target: they end first.
        await Promise.allSettled(reads);
        throw typed(error);
      }
    },
    async size(name) {
      splitName(name);
      const length = await ask('STRLEN', name);
      if (typeof length !== 'number') throw new RedisError('it answered STRLEN with something else');
      return length > 0 || (await ask('EXISTS', name)) === 1 ? length : null;
    },
    async remove(name) {
      const { directory, base } = splitName(name);
      const commands = [
        ['DEL', name],
        ['SREM', namesKey(directory), base],
      ];
      try {
        await again(() => transaction(commands));
      } catch (error) {
        if (!(error instanceof RedisError) || error.reason !== 'full') throw typed(error);
        // A server that is full takes no transaction, also not one that makes room.
        const refused = firstError(await again(() => client.batch(commands)));
        if (refused) throw refused;
      }
    },
    async list(directory) {
      const members = await ask('SMEMBERS', namesKey(directory));
      if (!Array.isArray(members)) throw new RedisError('it answered SMEMBERS with something else');
      const names = (members as readonly Reply[]).flatMap((member) => nameIn(directory, member));
      // A directory is there while it has names; Redis drops a set with its last one.
      const checks = names.map((name) => ['EXISTS', directory === 'p' ? namesKey(name) : name]);
      const there = await again(() => client.batch(checks));
      return names.filter((_, i) => {
        const reply = there[i];
        if (reply instanceof ReplyError) throw typed(reply);
        return reply === 1;
      });
    },
  };
}

/** A name in its directory, that directory in the one above, and so on up. */
function levels(name: string): [directory: string, base: string][] {
  const found: [string, string][] = [];
  for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
    found.push([name.slice(0, at), (found.at(-1)?.[0] ?? name).slice(at + 1)]);
  }
  return found;
}

/** Whoever writes to the server may write anything: only what can be a name is one. */
function nameIn(directory: string, member: Reply): string[] {
  if (!(member instanceof Uint8Array) || member.length > 64) return [];
  const name = `${directory}/${Buffer.from(member).toString('latin1')}`;
  try {
    splitName(name);
    return [name];
  } catch {
    return [];
  }
}
