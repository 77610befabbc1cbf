import type { Benchmark } from './harness/benchmark.ts';
import type { CrowdPart } from './harness/mesh/crowd-part.ts';
import { startPart } from './harness/mesh/part.ts';
import { startNode } from './harness/mesh/start-node.ts';

const peers = 100;

export const benchmark: Benchmark = {
  name: 'mesh-idle',
  about:
    'Share of a core that a node takes with 100 peers while nobody sends anything; --seconds 600 for the full time.',
  better: 'lower',
  rival: null,
  unit: '%',
  runs: 1,
  warmUp: false,
  async prepare(options) {
    // Two of the Hellos that go out every 20 seconds.
    const seconds = options.seconds ?? 40;
    return {
      contests: [{ name: `${peers} peers, ${seconds} s`, ours: () => measure(seconds), rival: null }],
      notes: ['the peers are whole nodes of ours in one other process; links are greeted and all is announced before'],
      close: async () => {},
    };
  },
};

async function measure(seconds: number) {
  const node = await startNode();
  const crowd = await startPart<CrowdPart>('crowd-part.ts');
  const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
  try {
    const { port } = await node.ask('start');
    await crowd.ask('joinAsNodes', port, peers);
    while ((await node.ask('routes')) < peers) await sleep(50);
    await sleep(3000);
    const before = await node.ask('usage');
    await sleep(seconds * 1000);
    const after = await node.ask('usage');
    if ((await node.ask('peers')) !== peers) throw new Error('A peer was lost.');
    const notes = { 'resident memory': `${Math.round(after.rss / 1e6)} MB` };
    return { amount: ((after.cpu - before.cpu) / seconds) * 100, notes };
  } finally {
    await Promise.all([node.kill(), crowd.kill()]);
  }
}
