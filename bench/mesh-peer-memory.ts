import type { Benchmark } from './harness/benchmark.ts';
import type { CrowdPart } from './harness/mesh/crowd-part.ts';
import type { NodePart } from './harness/mesh/node-part.ts';
import { type Part, startPart } from './harness/mesh/part.ts';
import { settled } from './harness/mesh/settled.ts';
import { startNode } from './harness/mesh/start-node.ts';

const peers = 1000;
/** Fewer than a storm is: what one leaves is the matter of mesh-scale. */
const atOnce = 20;

export const benchmark: Benchmark = {
  name: 'mesh-peer-memory',
  about: 'Memory that a node holds for each peer that is connected and says nothing, in kB.',
  better: 'lower',
  rival: null,
  unit: 'kB',
  runs: 3,
  warmUp: false,
  async prepare() {
    return {
      contests: [{ name: `${peers} peers`, ours: measure, rival: null }],
      notes: [
        'resident memory of the node’s process with all peers less that without any, a collection forced before both',
        `they join ${atOnce} at a time, over loopback; each has greeted, been greeted and announced its subnet, which the others were told of`,
      ],
      close: async () => {},
    };
  },
};

async function measure() {
  const node = await startNode(['--expose-gc']);
  const crowd = await startPart<CrowdPart>('crowd-part.ts');
  try {
    const { port } = await node.ask('start');
    const before = await idle(node, crowd);
    for (let joined = 0; joined < peers; joined += atOnce) {
      await crowd.ask('join', port, atOnce, 1);
      await settled(() => crowd.ask('received'), 200);
    }
    const after = await idle(node, crowd);
    if ((await node.ask('peers')) !== peers) throw new Error('Not all peers are connected.');
    const each = (bytes: number) => bytes / peers / 1000;
    return {
      amount: each(after.rss - before.rss),
      notes: { 'of it JavaScript objects': `${each(after.heap - before.heap).toFixed(1)} kB` },
    };
  } finally {
    await Promise.all([node.kill(), crowd.kill()]);
  }
}

async function idle(node: Part<NodePart>, crowd: Part<CrowdPart>) {
  await settled(() => crowd.ask('received'), 700);
  await node.ask('collect');
  return node.ask('usage');
}
