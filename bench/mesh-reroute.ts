import process from 'node:process';
import { startDaemon } from '#core/mesh/interop/daemon.ts';
import { type Benchmark, Unavailable } from './harness/benchmark.ts';
import { type Cable, layCable } from './harness/mesh/cable.ts';
import type { NodePart } from './harness/mesh/node-part.ts';
import type { Part } from './harness/mesh/part.ts';
import { startNode } from './harness/mesh/start-node.ts';
import { median } from './harness/statistics.ts';

const daemon = process.env.MYCELIUM_BIN ?? '';
/** Milliseconds between packets. */
const every = 2;
/** Of each network; the first finds nodes that have never seen one. */
const cuts = 4;

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
      contests: (['known', 'searched'] as const).map((other) => ({
        name: `another way that is ${other}`,
        ours: () => outage(startRouter, other),
        rival: daemon === '' ? null : () => outage(startRival, other),
      })),
      notes: [
        `the longest time without a packet after a cut, of one every ${every} ms: the median of ${cuts - 1} cuts, after a first`,
        'known: the router was told of it before the cut; searched: it was mended, and nobody has asked since where it leads',
        'sender, router, ways, receiver: router and ways are measured, sender and receiver are nodes of ours in both cases',
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

/** Build it anew, and several times cut the way that is in use, and see when packets come by another. */
async function outage(start: (peers: readonly number[]) => Promise<Router>, other: 'known' | 'searched') {
  const stops: (() => Promise<void>)[] = [];
  const keep = <T>(thing: T, stop: (thing: T) => Promise<void>): T => {
    stops.push(() => stop(thing));
    return thing;
  };
  try {
    const ways: Router[] = [];
    for (let i = 0; i < (other === 'known' ? cuts + 1 : 2); i++) ways.push(keep(await start([]), (one) => one.stop()));
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
    const gaps: number[] = [];
    for (let i = 0; i < cuts; i++) {
      await to.ask('listen');
      const { cable, at } = await cutBusier(cables);
      gaps.push(longestGap(await atLeast(to, at, 500), at));
      if (other === 'searched') await mend(cable);
    }
    const [first = 0, ...others] = gaps;
    return { amount: median(others), notes: { 'the first cut': `${first.toFixed(1)} ms` } };
  } finally {
    for (const stop of stops.reverse()) await stop().catch(() => {});
  }
}

/** @returns which, and when, in milliseconds since 1970 */
async function cutBusier(cables: readonly Cable[]): Promise<{ cable: Cable; at: number }> {
  // Until the links are measured, and the better way is chosen.
  await sleep(3000);
  const before = cables.map((cable) => cable.carried());
  await sleep(300);
  const carried = cables.map((cable, i) => cable.carried() - (before[i] ?? 0));
  const busier = cables[carried.indexOf(Math.max(...carried))];
  if (busier === undefined) throw new Error('There is no cable.');
  const at = performance.timeOrigin + performance.now();
  await busier.cut();
  return { cable: busier, at };
}

/** Until the router has dialled again. */
async function mend(cable: Cable): Promise<void> {
  const before = cable.carried();
  await cable.mend();
  for (const began = performance.now(); performance.now() - began < 90_000; await sleep(50)) {
    if (cable.carried() > before) return;
  }
  throw new Unavailable('A link that was mended was not dialled for a minute and a half.');
}

/**
 * Wait until so many packets came after a moment. Nobody is asked in the first half second: the answer would take the time of those
 * that are measured. @returns when they all came
 */
async function atLeast(to: Part<NodePart>, after: number, count: number): Promise<number[]> {
  for (const began = performance.now(); performance.now() - began < 90_000; ) {
    await sleep(500);
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
