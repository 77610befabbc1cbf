import type { Benchmark } from './harness/benchmark.ts';
import { startPart } from './harness/mesh/part.ts';
import type { PeerPart } from './harness/mesh/peer-part.ts';
import { packetBytes, routed } from './harness/mesh/relays.ts';
import { startNode } from './harness/mesh/start-node.ts';
import { median } from './harness/statistics.ts';

const burst = 100_000;
/** Until what is bounded is full: what waits for a way waits 15 seconds. */
const warmUp = 30;

export const benchmark: Benchmark = {
  name: 'mesh-flood',
  about:
    'How much the memory of a node grows, in MB, while it passes on all it can and a neighbour pesters it; --seconds 1800 for the full time.',
  better: 'lower',
  rival: null,
  unit: 'MB',
  runs: 1,
  warmUp: false,
  async prepare(options) {
    const seconds = options.seconds ?? 24;
    return {
      contests: [{ name: `${seconds} s`, ours: () => measure(seconds), rival: null }],
      notes: [
        `median resident memory in the last quarter of the time less that in the first; nothing is collected by force; ${warmUp} s before that fill what is bounded`,
        'one pair of peers at full rate; another sends packets to nobody, packets no key opens and ever new metrics of 1,000 routes',
      ],
      close: async () => {},
    };
  },
};

async function measure(seconds: number) {
  const node = await startNode();
  const peers = await Promise.all(Array.from({ length: 3 }, () => startPart<PeerPart>('peer-part.ts')));
  const [source, sink, pest] = peers as [(typeof peers)[0], (typeof peers)[0], (typeof peers)[0]];
  try {
    const { port, address } = await node.ask('start');
    const from = await source.ask('connect', port);
    const to = await sink.ask('connect', port);
    await pest.ask('connect', port);
    await routed(node, [from, to]);
    await pest.ask('pester', address);
    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1000;
    const samples: { at: number; rss: number }[] = [];
    let packets = 0;
    let lost = 0;
    const flood = async () => {
      while (elapsed() < warmUp + seconds) {
        await sink.ask('absorb', burst);
        const whole = await source.ask('send', to, burst, packetBytes).then(
          () => true,
          () => false,
        );
        if (whole) packets += burst;
        else lost++;
      }
    };
    const watch = async () => {
      while (elapsed() < warmUp + seconds) {
        samples.push({ at: (elapsed() - warmUp) / seconds, rss: (await node.ask('usage')).rss });
        await new Promise((done) => setTimeout(done, 100));
      }
    };
    await Promise.all([flood(), watch()]);
    const inQuarter = (n: number) => median(samples.filter(({ at }) => Math.floor(at * 4) === n).map(({ rss }) => rss));
    const counters = await node.ask('counters');
    return {
      amount: (inQuarter(3) - inQuarter(0)) / 1e6,
      notes: {
        'resident memory in each quarter': `${[0, 1, 2, 3].map((n) => (inQuarter(n) / 1e6).toFixed(0)).join(', ')} MB`,
        'packets passed on': `${packets}, besides ${counters.rejected} refused and ${counters.unroutable} without a way`,
        'bursts that lost packets': `${lost}`,
      },
    };
  } finally {
    await Promise.all([node, ...peers].map((part) => part.kill()));
  }
}
