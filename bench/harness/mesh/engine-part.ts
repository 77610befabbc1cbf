import { systemRandom } from '#core/crypto/random.ts';
import { createEngine } from '#core/mesh/engine/engine.ts';
import { realTime } from '#core/mesh/time/real-time.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { servePart, usage } from './part.ts';

/* What the mesh thread of an agent runs (node, sessions, IP stack, forwards), in a process of its own. */

const engine = createEngine({
  ...realTime,
  random: systemRandom,
  log: silentLog,
  events: { delivered() {}, undelivered() {}, session() {}, changed() {}, accepted() {}, resolve: async () => [] },
});

const methods = {
  /** @returns where it listens, and its address on the mesh as text */
  async start(): Promise<{ port: number; address: Uint8Array }> {
    const { listening, address } = await engine.start({
      secret: systemRandom(32),
      listen: { host: '127.0.0.1', port: 0 },
      discovery: false,
      privateNetwork: null,
      answerPings: true,
    });
    if (listening === null) throw new Error('The node cannot listen.');
    return { port: listening, address };
  },
  peer: (port: number): boolean => engine.addPeer(`tcp://127.0.0.1:${port}`),
  /** Until a ping comes back, and there is a session. */
  async reach(address: Uint8Array): Promise<void> {
    for (;;) {
      const answered = await engine.ping(address, { timeout: 500 }).then(Boolean, () => false);
      if (answered && engine.sessions().some(({ state }) => state === 'established')) return;
    }
  },
  /** Let everybody on the mesh connect to a port of loopback, by the same number. */
  expose: (port: number) => engine.expose('bench', port, port, 'everybody', []),
  /** Bring a port of another node to loopback. @returns that one */
  forward: (host: string, port: number) => engine.forward('bench', { host, port }, 0),
  usage,
};

export type EnginePart = typeof methods;
servePart(methods);
