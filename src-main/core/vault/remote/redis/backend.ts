import {
  decodePlaceIdentity,
  encodePlaceIdentity,
  identityFile,
  type PlaceIdentity,
} from '../../format/place-identity.ts';
import type { PlaceBackend } from '../../places/backend.ts';
import type { Inspection } from '../../places/inspect.ts';
import { again } from '../again.ts';
import { deviceOf, type RemoteDeps } from '../deps.ts';
import type { RespSession } from '../resp/client.ts';
import { ConnectionError, type Reply, ReplyError } from '../resp/reply.ts';
import { connectRedis, type RedisOptions } from './client.ts';
import { RedisError, typed } from './errors.ts';
import { parseRedisInfo } from './info.ts';
import { createSettle } from './settle.ts';
import { createRedisStore } from './store.ts';

/** No mark is longer. */
const markMost = 4096;

type Mark = PlaceIdentity | 'none' | 'bad';

/**
 * A place that is one database of a server of the Redis protocol (Redis, Valkey, KeyDB, Dragonfly, Kvrocks ...). The database is the
 * place's alone. Keys: `hypha-place.json` the mark, the name of each shard, `names:<directory>` (docs/formats/vault.md).
 */
export function createRedisBackend(options: RedisOptions, deps: RemoteDeps): PlaceBackend {
  const client = connectRedis(options, deps);
  const settling = connectRedis(options, deps);
  const settle = createSettle(settling, deps);
  const device = deviceOf(options.host);

  const readMark = async (session: RespSession): Promise<Mark> => {
    const [there, bytes] = await again(() =>
      session.batch([
        ['EXISTS', identityFile],
        ['GETRANGE', identityFile, 0, markMost],
      ]),
    );
    if (there instanceof ReplyError) throw typed(there);
    if (there === 0) return 'none';
    // An error says that another kind of value is there.
    return bytes instanceof Uint8Array ? (decodePlaceIdentity(new TextDecoder().decode(bytes)) ?? 'bad') : 'bad';
  };
  const isThis = (mark: Mark, vault: string, place: string): boolean =>
    typeof mark === 'object' && mark.vault === vault && mark.place === place;

  const look = async (): Promise<Inspection> => {
    const mark = await readMark(client);
    const [keys = null, info = null] = await again(() => client.batch([['DBSIZE'], ['INFO']]));
    const { writable, free } = room(info);
    const seen = { identity: null, writable, free, device };
    if (typeof mark === 'object') return { ...seen, kind: 'place', identity: mark };
    if (mark === 'bad') return { ...seen, kind: 'bad-mark' };
    if (keys instanceof ReplyError) throw typed(keys);
    return { ...seen, kind: keys === 0 ? 'empty' : 'unmarked' };
  };

  return {
    async inspect() {
      try {
        return await look();
      } catch (error) {
        return { kind: isSilent(error) ? 'silent' : 'unreadable', identity: null, writable: false, device, free: null };
      }
    },
    isMarked: (vault, place) =>
      readMark(client).then(
        (mark) => isThis(mark, vault, place),
        () => false,
      ),
    async claim(identity) {
      try {
        // One of many who claim at once is first, and NX keeps the others off.
        const set = await again(() => client.command('SET', identityFile, encodePlaceIdentity(identity), 'NX'));
        if (set !== 'OK' && !isThis(await readMark(client), identity.vault, identity.place)) return false;
      } catch (error) {
        throw typed(error);
      }
      await settle();
      return true;
    },
    async unclaim(vault, place) {
      // On a connection of its own, for WATCH makes what comes next on it depend on the mark.
      const own = connectRedis(options, deps);
      try {
        await own.command('WATCH', identityFile);
        if (!isThis(await readMark(own), vault, place)) return;
        await own.batch([['MULTI'], ['DEL', identityFile], ['EXEC']]);
      } catch (error) {
        throw typed(error);
      } finally {
        await own.close();
      }
      await settle();
    },
    store: createRedisStore(client, settle),
    async close() {
      await Promise.all([client.close(), settling.close()]);
    },
  };
}

/** Nothing is written to a replica, nor where keys are thrown away when memory runs out. */
function room(info: Reply): { writable: boolean; free: number | null } {
  if (!(info instanceof Uint8Array)) return { writable: true, free: null };
  const { memoryLimit, memoryUsed, replica, evicts } = parseRedisInfo(new TextDecoder().decode(info));
  return {
    writable: !replica && !(memoryLimit > 0 && evicts),
    free: memoryLimit > 0 ? Math.max(0, memoryLimit - memoryUsed) : null,
  };
}

/** It does not answer (now), as against: it says no. */
const isSilent = (error: unknown): boolean =>
  error instanceof RedisError
    ? error.reason === 'busy'
    : !(error instanceof ConnectionError && error.failure === 'protocol');
