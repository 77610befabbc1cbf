import { parentPort } from 'node:worker_threads';
import { systemRandom } from '#core/crypto/random.ts';
import type { Logger } from '#core/host.ts';
import { openPort } from '#core/threads/port.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { realTime } from '../time/real-time.ts';
import { createEngine } from './engine.ts';
import type { EngineCalls, EngineEvents } from './protocol.ts';

/* The mesh thread: the engine on the system's clock and randomness, driven through its parent port. */

if (parentPort === null) throw new Error('the mesh engine runs in a thread of its own');

const log: Logger = {
  debug: (fields, message) => main.tell('log', 'debug', plain(fields), message),
  info: (fields, message) => main.tell('log', 'info', plain(fields), message),
  warn: (fields, message) => main.tell('log', 'warn', plain(fields), message),
  error: (fields, message) => main.tell('log', 'error', plain(fields), message),
};

const engine = createEngine({
  ...realTime,
  random: systemRandom,
  log,
  events: {
    delivered: (delivery) => main.tell('delivered', delivery),
    undelivered: (destination) => main.tell('undelivered', destination),
    session: (publicKey, established) => main.tell('session', publicKey, established),
    accepted: (port, address, channel) => main.tell('accepted', port, address, channel),
    changed: () => main.tell('changed'),
    resolve: (name) => main.call.resolve(name),
  },
});
const main = openPort<EngineEvents, EngineCalls>(parentPort, engine, (name, error) => {
  // What is told to a node that is about to end finds it stopped.
  if (!isFail(error, 'MESH_OFF')) log.error({ name, error }, 'what the mesh thread was told could not be done');
});

/** What a message port can carry. */
function plain(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, value instanceof Error ? String(value.stack) : value]),
  );
}
