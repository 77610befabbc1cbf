import { randomBytes } from 'node:crypto';
import { createZdbServer } from '#core/vault/zdb-server/server.ts';

/*
 * Our 0-db server as a process of its own: `node zdb-part.ts DIRECTORY`. Prints its port as a line, ends with its parent.
 * Writes are made durable when a file is full, as the real 0-db does at most without being asked for more.
 */
const quiet = { debug() {}, info() {}, warn: console.error, error: console.error };
const server = await createZdbServer({
  directory: process.argv[2] ?? '',
  now: Date.now,
  random: (n) => randomBytes(n),
  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms).unref();
    return () => clearTimeout(timer);
  },
  log: quiet,
  sync: { kind: 'rotate' },
});
console.log(await server.listen({ port: 0 }));
process.stdin.resume();
process.stdin.once('end', () => process.exit());
