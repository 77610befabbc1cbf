import { performance } from 'node:perf_hooks';
import { systemRandom } from '#core/crypto/random.ts';
import type { Delivery } from '#core/mesh/forward/ports.ts';
import { createMeshNode, type MeshNode } from '#core/mesh/node/mesh-node.ts';
import { createTcpTransport } from '#core/mesh/node/tcp-transport.ts';
import { realTime } from '#core/mesh/time/real-time.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { servePart, usage } from './part.ts';

/* A whole node of ours in a process of its own. */

/** Packets on the way at most: 1.5 MB, less than a link's queue holds. */
const window = 1024;
const answerEvery = 128;
/** Packets sealed between two looks at the sockets. */
const burst = 128;

let running: MeshNode | null = null;
let deliver: (delivery: Delivery) => void = () => {};
let arrivals: number[] = [];

function node(): MeshNode {
  if (running === null) throw new Error('Not started.');
  return running;
}

const methods = {
  /** @param shared whether sockets read into one buffer @returns where it listens and its address on the mesh */
  async start(shared = true, maxInbound = 1000): Promise<{ port: number; address: Uint8Array }> {
    running = createMeshNode({
      secret: systemRandom(32),
      random: systemRandom,
      ...realTime,
      transport: createTcpTransport(shared ? undefined : null),
      log: silentLog,
      maxInbound,
      deliver: (delivery) => deliver(delivery),
    });
    return { port: await running.listen('127.0.0.1', 0), address: running.self.address };
  },
  peer: (port: number): boolean => node().addPeer({ scheme: 'tcp', host: '127.0.0.1', port }),
  peers: () => node().peers().length,
  knows: (address: Uint8Array): boolean =>
    [...node().router.routes()].some(
      ({ prefix, selected }) =>
        selected !== null && Buffer.compare(prefix.bytes.subarray(0, 8), address.subarray(0, 8)) === 0,
    ),
  routes: () => node().router.size().prefixes,
  /** Send a small packet every so often, for as long as the process lives. */
  probe(destination: Uint8Array, every: number): void {
    const one = packet(destination, 64);
    setInterval(() => node().send('ipv6', destination, one), every);
  },
  /** Note from now on when packets come, in milliseconds since 1970. */
  listen(): void {
    arrivals = [];
    deliver = () => arrivals.push(performance.timeOrigin + performance.now());
  },
  arrivals: () => arrivals,
  /** Have the engine give back what nobody uses, where it was started with `--expose-gc`. */
  async collect(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      globalThis.gc?.();
      await new Promise((done) => setTimeout(done, 100));
    }
  },
  counters: () => ({ ...node().counters }),
  usage,
  /** Count packets and answer their sender, as the acknowledgements of a TCP inside would. */
  absorb(total: number): void {
    let got = 0;
    deliver = ({ source }) => {
      got++;
      if (got % answerEvery !== 0 && got !== total) return;
      const answer = packet(source, 60);
      new DataView(answer.buffer).setUint32(40, got);
      node().send('ipv6', source, answer);
    };
  },
  /** Seal and send packets of `size` bytes and wait until the receiver opened them all. @returns seconds */
  async send(destination: Uint8Array, total: number, size: number): Promise<number> {
    const one = packet(destination, size);
    let sent = 0;
    let acknowledged = 0;
    let scheduled = false;
    const began = performance.now();
    await new Promise<void>((done) => {
      const more = (): void => {
        scheduled = false;
        const until = Math.min(total, acknowledged + window, sent + burst);
        for (; sent < until; sent++) node().send('ipv6', destination, one);
        if (sent < Math.min(total, acknowledged + window)) schedule();
      };
      const schedule = (): void => {
        if (!scheduled) setImmediate(more);
        scheduled = true;
      };
      deliver = ({ payload }) => {
        acknowledged = new DataView(payload.buffer, payload.byteOffset + 40).getUint32(0);
        if (acknowledged === total) done();
        else schedule();
      };
      schedule();
    });
    return (performance.now() - began) / 1000;
  },
  /** Answer every packet with one of the same size. */
  echo(): void {
    deliver = ({ source, payload }) => void node().send('ipv6', source, packet(source, payload.length));
  },
  /**
   * Send one packet after the other, each when the one before was answered, or again after a second without an answer.
   *
   * @returns microseconds of each round trip, from the first sending
   */
  async roundTrips(destination: Uint8Array, count: number, size: number): Promise<number[]> {
    const took: number[] = [];
    const one = packet(destination, size);
    await new Promise<void>((done) => {
      let began = 0;
      const next = (): void => {
        began = performance.now();
        node().send('ipv6', destination, one);
      };
      const again = setInterval(() => {
        if (performance.now() - began > 1000) node().send('ipv6', destination, one);
      }, 1000);
      deliver = () => {
        took.push((performance.now() - began) * 1000);
        if (took.length < count) {
          next();
          return;
        }
        clearInterval(again);
        deliver = () => {};
        done();
      };
      next();
    });
    return took;
  },
};

/** An IPv6 packet from here, as far as the mesh looks at it. */
function packet(destination: Uint8Array, size: number): Uint8Array {
  const made = new Uint8Array(size);
  made[0] = 0x60;
  made[7] = 64;
  made.set(node().self.address, 8);
  made.set(destination, 24);
  return made;
}

export type NodePart = typeof methods;
servePart(methods);
