import { performance } from 'node:perf_hooks';
import { MessageChannel } from 'node:worker_threads';
import { systemRandom } from '#core/crypto/random.ts';
import { startEngineThread } from '#core/mesh/engine/engine-thread.ts';
import { PortStream } from '#core/mesh/streams/port-stream.ts';
import { realTime } from '#core/mesh/time/real-time.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { servePart, usage } from './part.ts';

/* The mesh of an agent as its other parts see it: a thread, and streams across it, as pieces of vaults go to contacts. */

const port = 9911;
/** As the vault writes them to a contact's room. */
const frameBytes = 262_144;
let got = 0;
let all = 0;

const thread = startEngineThread({
  log: silentLog,
  setTimer: realTime.setTimer,
  events: {
    ...{ delivered() {}, undelivered() {}, session() {}, changed() {}, resolve: async () => [] },
    accepted(_, __, channel) {
      const stream = new PortStream(channel);
      stream.on('error', () => {});
      stream.on('data', (bytes: Uint8Array) => {
        got += bytes.length;
        if (got < all) return;
        stream.end();
      });
    },
  },
  died(error) {
    throw error;
  },
});

const methods = {
  /** @returns where it listens, and its address on the mesh */
  async start(): Promise<{ port: number; address: Uint8Array }> {
    const { listening, address } = await thread.call.start({
      secret: systemRandom(32),
      listen: { host: '127.0.0.1', port: 0 },
      discovery: false,
      privateNetwork: null,
      answerPings: true,
    });
    if (listening === null) throw new Error('The node cannot listen.');
    return { port: listening, address };
  },
  peer: (at: number) => thread.call.addPeer(`tcp://127.0.0.1:${at}`),
  /** Until a ping comes back, and there is a session. */
  async reach(address: Uint8Array): Promise<void> {
    for (;;) {
      const answered = await thread.call.ping(address, { timeout: 500 }).then(Boolean, () => false);
      if (answered && (await thread.call.sessions()).some(({ state }) => state === 'established')) return;
    }
  },
  listen: (from: Uint8Array) => thread.call.listenStreams(port, [from]),
  /** Expect so many bytes. */
  expect(bytes: number): void {
    got = 0;
    all = bytes;
  },
  /** Write so many bytes and wait until the other side has ended. @returns seconds */
  async send(address: Uint8Array, bytes: number): Promise<number> {
    const { port1, port2 } = new MessageChannel();
    await thread.call.dialStream([address], port, port2);
    const stream = new PortStream(port1);
    const frame = Buffer.alloc(frameBytes, 7);
    const began = performance.now();
    const ended = new Promise<void>((resolve, reject) => {
      stream.once('end', resolve);
      stream.once('error', reject);
    });
    stream.resume();
    for (let sent = 0; sent < bytes; sent += frameBytes) {
      if (!stream.write(frame)) await new Promise((resolve) => stream.once('drain', resolve));
    }
    await ended;
    stream.destroy();
    return (performance.now() - began) / 1000;
  },
  usage,
};

export type ThreadPart = typeof methods;
servePart(methods);
