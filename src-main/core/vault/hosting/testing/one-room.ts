import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Duplex, duplexPair } from 'node:stream';
import { equalBytes } from '#core/crypto/equal.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { createFriendBackend } from '../../remote/friend/backend.ts';
import type { FriendTuning } from '../../remote/friend/link.ts';
import { realClock } from '../../remote/testing/real-clock.ts';
import { createDisk, createRoom } from '../room.ts';
import { makeRoom } from '../room-files.ts';
import { type Desk, type Patience, serveGuest } from '../serve.ts';

export const grant = 'ab'.repeat(16);
export const secret = 'cd'.repeat(32);

/** One room in a directory of its own, with everything but the mesh between it and those who use it. */
export async function openOneRoom(options: { patience?: Patience } = {}) {
  const top = await mkdtemp(join(tmpdir(), 'hypha-room-'));
  const directory = join(top, grant);
  await makeRoom(directory);
  const state = { bytes: 1024 ** 3, free: Number.MAX_SAFE_INTEGER, until: 0 };
  const newRoom = () => {
    const disk = createDisk(top, 0, async () => state.free);
    return createRoom(directory, disk, { bytes: () => state.bytes, closing: () => state.until > 0 });
  };
  let room = newRoom();
  const streams = new Set<Duplex>();
  const served = new Set<Promise<void>>();
  const desk: Desk = {
    open: (wanted, opens) => {
      const right = equalBytes(wanted, Buffer.from(grant, 'hex')) && equalBytes(opens, Buffer.from(secret, 'hex'));
      return right ? { room, bytes: () => state.bytes } : null;
    },
    ask: async () => ({ state: 'waits', bytes: 0 }),
    async withdraw() {},
    mine: () => ({ offered: 0, room: null }),
    until: () => state.until,
  };
  const deps = { host: realClock, log: silentLog, ...options };
  /** The other end of a new connection. */
  const connect = (): Duplex => {
    const [here, there] = duplexPair({ highWaterMark: 64 * 1024 });
    for (const one of [here, there]) {
      streams.add(one);
      one.on('error', () => {});
      // As the two ends of a connection do, unlike those of a pair in memory.
      one.once('close', () => (one === here ? there : here).destroy());
    }
    const work = serveGuest(there, desk, deps);
    served.add(work);
    void work.finally(() => served.delete(work));
    return here;
  };
  return {
    directory,
    top,
    state,
    room: () => room,
    connect,
    open: (with_: { secret?: string } & Partial<FriendTuning> = {}) => {
      const { secret: opens = secret, ...tuning } = with_;
      const target = { friend: 'Ben', grant, secret: opens, dial: async () => connect() };
      return createFriendBackend(target, 'friend:ben', realClock, { waits: [1, 5, 20], ...tuning });
    },
    cut(): void {
      for (const one of streams) one.destroy();
      streams.clear();
    },
    /** The same directory, as after a start. */
    async again(): Promise<void> {
      for (const one of streams) one.destroy();
      await room.end();
      room = newRoom();
    },
    async end(): Promise<void> {
      for (const one of streams) one.destroy();
      await Promise.all(served);
      await room.end();
      await rm(top, { recursive: true, force: true });
    },
  };
}
export type OneRoom = Awaited<ReturnType<typeof openOneRoom>>;
