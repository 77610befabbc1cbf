import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Change, World } from '../testing/world.ts';
import { reconcile } from './reconcile.ts';

const paths = ['a', 'b', 'd', 'd/a', 'd/b', 'd/e', 'd/e/a', 'f'];
const path = fc.constantFrom(...paths);
const side = fc.constantFrom('local', 'vault');
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ side, op: fc.constantFrom('write', 'delete', 'folder', 'touch'), path }),
  fc.record({ side, op: fc.constant('rename' as const), path, to: path }),
) as fc.Arbitrary<Change>;

const said = (world: World): string => world.problem() ?? 'well';

it('converges, loses nothing and then has nothing to do, whatever is changed on both sides', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), fc.array(change, { maxLength: 8 }), (before, after) => {
      const world = new World();
      for (const one of before) world.change(one);
      world.settleDown();
      expect(said(world)).toBe('well');
      for (const one of after) world.change(one);
      world.settleDown();
      expect(said(world)).toBe('well');
      expect(reconcile(world).steps).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});

it('loses nothing when it is killed between any two steps, or before it wrote down what it did', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 10 }),
      fc.array(change, { maxLength: 8 }),
      fc.array(fc.nat(6), { maxLength: 6 }),
      fc.constantFrom('step', 'round'),
      (before, after, kills, forgets) => {
        const world = new World();
        for (const one of before) world.change(one);
        world.settleDown();
        for (const one of after) world.change(one);
        const left = [...kills];
        let wait = left.shift() ?? Number.POSITIVE_INFINITY;
        world.settleDown(() => {
          if (wait-- > 0) return false;
          wait = left.shift() ?? Number.POSITIVE_INFINITY;
          return forgets;
        });
        expect(said(world)).toBe('well');
      },
    ),
    { numRuns: 3000 },
  );
});

it('loses nothing when things change while it works', () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 10 }),
      fc.array(fc.tuple(fc.nat(4), change), { maxLength: 10 }),
      (before, during) => {
        const world = new World();
        for (const one of before) world.change(one);
        const left = [...during];
        let wait = left[0]?.[0] ?? 0;
        world.settleDown(() => {
          while (left.length > 0 && wait-- <= 0) {
            const [, one] = left.shift() as [number, Change];
            world.change(one);
            wait = left[0]?.[0] ?? 0;
          }
          return false;
        });
        for (const [, one] of left) world.change(one);
        world.settleDown();
        expect(said(world)).toBe('well');
      },
    ),
    { numRuns: 3000 },
  );
});

it('brings changes of one side to the other just as they are', () => {
  for (const one of ['local', 'vault'] as const) {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 12 }), fc.array(change, { maxLength: 8 }), (before, after) => {
        const world = new World();
        for (const each of before) world.change(each);
        world.settleDown();
        for (const each of after) world.change({ ...each, side: one });
        const wanted = world.shape(one);
        world.settleDown();
        expect(world.shape('local')).toBe(wanted);
        expect(world.shape('vault')).toBe(wanted);
      }),
      { numRuns: 1500 },
    );
  }
});

it('every two changes of each side in a small world, killed at every step', () => {
  const seeds: Change[][] = [
    [{ side: 'local', op: 'write', path: 'a' }],
    [
      { side: 'local', op: 'folder', path: 'd' },
      { side: 'local', op: 'write', path: 'd/a' },
    ],
  ];
  const ops = (side: 'local' | 'vault'): Change[] => [
    ...['a', 'd', 'd/a'].flatMap((path): Change[] => [
      { side, op: 'write', path },
      { side, op: 'delete', path },
    ]),
    { side, op: 'folder', path: 'd' },
    { side, op: 'folder', path: 'a' },
    { side, op: 'rename', path: 'a', to: 'b' },
    { side, op: 'rename', path: 'd', to: 'b' },
    { side, op: 'rename', path: 'd/a', to: 'a' },
    { side, op: 'rename', path: 'a', to: 'd/a' },
  ];
  let worlds = 0;
  const both = ops('local').flatMap((l) => ops('vault').map((v) => [l, v] as const));
  for (const seed of seeds) {
    for (const [l1, v1] of both) {
      for (const [l2, v2] of both) {
        const world = new World();
        for (const one of seed) world.change(one);
        world.settleDown();
        for (const one of [l1, v1, l2, v2]) world.change(one);
        const steps = stepsOf(world);
        if (world.problem()) throw new Error(`${world.problem()} after ${JSON.stringify([...seed, l1, v1, l2, v2])}`);
        worlds++;
        for (let kill = 0; kill < 2 * steps; kill++) {
          const again = new World();
          for (const one of seed) again.change(one);
          again.settleDown();
          for (const one of [l1, v1, l2, v2]) again.change(one);
          let n = 0;
          again.settleDown(() => n++ === kill >> 1 && (kill & 1 ? 'step' : 'round'));
          worlds++;
          const problem = again.problem();
          if (problem)
            throw new Error(`${problem} after ${JSON.stringify([...seed, l1, v1, l2, v2])}, killed at ${kill}`);
        }
      }
    }
  }
  expect(worlds).toBeGreaterThan(40_000);
});

function stepsOf(world: World): number {
  let steps = 0;
  world.settleDown(() => {
    steps++;
    return false;
  });
  return steps;
}
