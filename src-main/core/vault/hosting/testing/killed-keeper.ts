import { createServer } from 'node:net';
import { silentLog } from '#core/testing/silent-log.ts';
import { realClock } from '../../remote/testing/real-clock.ts';
import { createDisk, createRoom } from '../room.ts';
import { serveGuest } from '../serve.ts';

/* A process that keeps one room, for a test to kill. Arguments: the room's directory, its bytes. Prints its port on loopback. */

const [directory = '', bytes = '0'] = process.argv.slice(2);
const limits = { bytes: () => Number(bytes), closing: () => false };
const disk = createDisk(directory, 0, async () => Number.MAX_SAFE_INTEGER);
const room = createRoom(directory, disk, limits);
const server = createServer((stream) => {
  const desk = {
    open: () => ({ room, bytes: limits.bytes }),
    ask: async () => ({ state: 'refused', bytes: 0 }) as const,
    async withdraw() {},
    mine: () => ({ offered: 0, room: null }),
    until: () => 0,
  };
  void serveGuest(stream, desk, { host: realClock, log: silentLog });
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port));
