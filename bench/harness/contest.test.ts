import { expect, it } from 'vitest';
import type { Benchmark } from './benchmark.ts';
import { hold } from './contest.ts';

const bench: Benchmark = {
  name: 'toy',
  about: 'A toy.',
  better: 'lower',
  rival: 'another',
  runs: 2,
  warmUp: true,
  prepare: () => Promise.reject(new Error('not used')),
};

it('measures both sides in turn and leaves the warm-up out', async () => {
  const order: string[] = [];
  const side = (name: string) => async (run: number) => {
    order.push(`${name}${run}`);
    return { seconds: run + 1, notes: { memory: `${run} MiB` } };
  };
  const contests = [
    { name: 'a', ours: side('o'), rival: side('r') },
    { name: 'b', ours: side('p'), rival: null },
  ];
  const said: string[] = [];
  const outcome = await hold(bench, { contests, notes: [], close: async () => {} }, 2, (line) => said.push(line));
  expect(order).toEqual(['o0', 'r0', 'o1', 'r1', 'o2', 'r2', 'p0', 'p1', 'p2']);
  expect(outcome.times).toEqual([
    { contest: 'a', ours: [2, 3], rival: [2, 3] },
    { contest: 'b', ours: [2, 3], rival: null },
  ]);
  expect(outcome.notes).toContainEqual({ contest: 'a', side: 'rival', text: 'memory 2 MiB' });
  expect(said[0]).toMatch(/^a, warm-up, ours/);
  expect(said).toHaveLength(9);
});
