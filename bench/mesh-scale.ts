import { type Benchmark, Unavailable } from './harness/benchmark.ts';
import type { CrowdPart } from './harness/mesh/crowd-part.ts';
import type { NodePart } from './harness/mesh/node-part.ts';
import { type Part, startPart } from './harness/mesh/part.ts';
import { routed } from './harness/mesh/relays.ts';
import { settled } from './harness/mesh/settled.ts';
import { startNode } from './harness/mesh/start-node.ts';
import { median } from './harness/statistics.ts';

const peers = 1000;
const atOnce = 100;
const routesEach = 100;

export const benchmark: Benchmark = {
  name: 'mesh-scale',
  about: 'Until a node that 1,000 peers join, with 100 routes each, has a way to all 100,000.',
  better: 'lower',
  rival: null,
  runs: 1,
  warmUp: false,
  async prepare() {
    return {
      contests: [{ name: `${peers} peers, ${peers * routesEach} routes`, ours: measure, rival: null }],
      notes: [
        `${atOnce} peers join at once, and the next when the routes of these are known; each is told of all that come after it, 50 million updates`,
        'the peers share one process, on the same cores',
        'round trips are of 64 bytes between two nodes more, over the one that is measured; each waits for the one before',
      ],
      close: async () => {},
    };
  },
};

async function measure() {
  const node = await startNode();
  const crowd = await startPart<CrowdPart>('crowd-part.ts');
  const ends = await Promise.all([startNode(), startNode()]);
  const [from, to] = ends;
  try {
    const { port } = await node.ask('start', true, peers + ends.length);
    const addresses: Uint8Array[] = [];
    for (const end of ends) {
      addresses.push((await end.ask('start')).address);
      await end.ask('peer', port);
    }
    await routed(node, addresses);
    const there = addresses[1] as Uint8Array;
    await to.ask('echo');
    const alone = await from.ask('roundTrips', there, 500, 64);
    const began = performance.now();
    const during: number[] = [];
    for (let joined = atOnce; joined <= peers; joined += atOnce) {
      const joining = crowd.ask('join', port, atOnce, routesEach);
      while ((await node.ask('routes')) < joined * routesEach + ends.length) {
        during.push(...(await from.ask('roundTrips', there, 5, 64)));
        await new Promise((done) => setTimeout(done, 50));
        if (performance.now() - began > 600_000) throw new Unavailable('Not all routes were there after ten minutes.');
      }
      await joining;
    }
    const seconds = (performance.now() - began) / 1000;
    const quiet = await settled(() => crowd.ask('received'));
    const told = (performance.now() - began) / 1000;
    const after = await from.ask('roundTrips', there, 500, 64);
    const held = [await node.ask('peers'), await node.ask('routes')].join(' peers, ');
    return { seconds, notes: await notesOf(node, { alone, during, after, held, quiet, told }) };
  } finally {
    await Promise.all([node, crowd, ...ends].map((part) => part.kill()));
  }
}

interface Found {
  readonly alone: readonly number[];
  readonly during: readonly number[];
  readonly after: readonly number[];
  readonly held: string;
  readonly quiet: boolean;
  readonly told: number;
}

async function notesOf(node: Part<NodePart>, found: Found): Promise<Record<string, string>> {
  const { cpu, rss } = await node.ask('usage');
  const milliseconds = (times: readonly number[]) => `${(median(times) / 1000).toFixed(2)} ms`;
  return {
    held: `${found.held} routes`,
    'every peer told of all after': found.quiet ? `${found.told.toFixed(0)} s` : `more than ${found.told.toFixed(0)} s`,
    'CPU of the node': `${cpu.toFixed(0)} s`,
    'resident memory': `${Math.round(rss / 1e6)} MB`,
    'median round trip before, while they join, with all of them': [found.alone, found.during, found.after]
      .map(milliseconds)
      .join(', '),
  };
}
