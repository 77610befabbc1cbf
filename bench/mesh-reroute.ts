import process from 'node:process';
import { startDaemon } from '#core/mesh/interop/daemon.ts';
import { type Benchmark, Unavailable } from './harness/benchmark.ts';
import { type Cable, layCable } from './harness/mesh/cable.ts';
import type { NodePart } from './harness/mesh/node-part.ts';
import type { Part } from './harness/mesh/part.ts';
import { startNode } from './harness/mesh/start-node.ts';

const daemon = process.env.MYCELIUM_BIN ?? '';
/** Milliseconds between packets. */
const every = 2;

export const benchmark: Benchmark = {
  name: 'mesh-reroute',
  about:
    'How long packets stay away when the link they take is cut and there is another way; beside a Mycelium daemon that MYCELIUM_BIN names.',
  better: 'lower',
  rival: daemon === '' ? null : 'Mycelium daemon',
  unit: 'ms',
  runs: 5,
  warmUp: false,
  async prepare() {
    return {
      contests: [
        {
          name: 'a cut link',
          ours: () => outage(startRouter),
          rival: daemon === '' ? null : () => outage(startRival),
        },
      ],
      notes: [
        `the longest time without a packet after the cut, of one every ${every} ms`,
        'sender, router, two ways, receiver: router and ways are measured, sender and receiver are nodes of ours in both cases',
        daemon === ''
          ? 'no daemon beside it, because MYCELIUM_BIN names none'
          : 'the daemon runs without TUN, QUIC and discovery',
      ],
      close: async () => {},
    };
  },
};

interface Router {
  readonly port: number;
  stop(): Promise<void>;
}

async function startRouter(peers: readonly number[]): Promise<Router> {
  const part = await startNode();
  const { port } = await part.ask('start');
  for (const peer of peers) await part.ask('peer', peer);
  return { port, stop: () => part.kill() };
}

const startRival = (peers: readonly number[]): Promise<Router> => startDaemon(daemon, peers);

/** Build it anew, cut the way that is in use, and see when packets come by the other. */
async function outage(start: (peers: readonly number[]) => Promise<Router>) {
  const stops: (() => Promise<void>)[] = [];
  const keep = <T>(thing: T, stop: (thing: T) => Promise<void>): T => {
    stops.push(() => stop(thing));
    return thing;
  };
  try {
    const ways = [keep(await start([]), (one) => one.stop()), keep(await start([]), (one) => one.stop())];
    const cables = await Promise.all(ways.map(({ port }) => layCable(port)));
    for (const cable of cables) keep(cable, (one) => one.cut());
    const router = keep(await start(cables.map(({ port }) => port)), (one) => one.stop());
    const from = keep(await startNode(), (one) => one.kill());
    const to = keep(await startNode(), (one) => one.kill());
    await from.ask('start');
    const { address } = await to.ask('start');
    for (const { port } of ways) await to.ask('peer', port);
    await from.ask('peer', router.port);
    await to.ask('listen');
    await from.ask('probe', address, every);
    await atLeast(to, 0, 50);
    // Until the links are measured, and the better way is chosen.
    await sleep(3000);
    const cut = await cutBusier(cables);
    const arrivals = await atLeast(to, cut, 500);
    return { amount: longestGap(arrivals, cut) };
  } finally {
    for (const stop of stops.reverse()) await stop().catch(() => {});
  }
}

/** @returns when, in milliseconds since 1970 */
async function cutBusier(cables: readonly Cable[]): Promise<number> {
  const before = cables.map((cable) => cable.carried());
  await sleep(300);
  const carried = cables.map((cable, i) => cable.carried() - (before[i] ?? 0));
  const busier = cables[carried.indexOf(Math.max(...carried))];
  if (busier === undefined) throw new Error('There is no cable.');
  const at = performance.timeOrigin + performance.now();
  await busier.cut();
  return at;
}

/** Wait until so many packets came after a moment. @returns when they all came */
async function atLeast(to: Part<NodePart>, after: number, count: number): Promise<number[]> {
  for (const began = performance.now(); performance.now() - began < 90_000; await sleep(50)) {
    const arrivals = await to.ask('arrivals');
    if (arrivals.filter((at) => at > after).length >= count) return arrivals;
  }
  throw new Unavailable('No packets came for a minute and a half.');
}

/** Of the gaps that end after a moment. */
function longestGap(arrivals: readonly number[], after: number): number {
  let longest = 0;
  for (const [i, at] of arrivals.entries()) {
    if (i > 0 && at > after) longest = Math.max(longest, at - (arrivals[i - 1] as number));
  }
  return longest;
}

function sleep(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
