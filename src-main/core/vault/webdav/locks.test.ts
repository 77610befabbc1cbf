import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLocks, type Lock } from './locks.ts';

const want = (token: string, path: string, more: Partial<Lock> = {}): Omit<Lock, 'ends'> => ({
  token,
  path: path === '' ? [] : path.split('/'),
  depth: 'infinity',
  scope: 'exclusive',
  owner: '',
  seconds: 60,
  ...more,
});
const none = new Set<string>();
const all = { members: true, all: true };

it('lets one in, and what it holds and lies in wait', () => {
  const locks = createLocks(() => 0);
  expect(locks.take(want('a', 'x/y'))).toMatchObject({ token: 'a', ends: 60_000 });
  expect(locks.take(want('b', 'x/y'))).toMatchObject([{ token: 'a' }]);
  expect(locks.take(want('b', 'x/y/z', { depth: '0', scope: 'shared' }))).toMatchObject([{ token: 'a' }]);
  expect(locks.take(want('b', 'x'))).toMatchObject([{ token: 'a' }]);
  expect(locks.take(want('b', 'x', { depth: '0' }))).toMatchObject({ token: 'b' });
  expect(locks.take(want('c', 'x/yy'))).toMatchObject({ token: 'c' });
  expect(locks.against(['x', 'y', 'z'], none, all).map(({ token }) => token)).toEqual(['a']);
  expect(locks.against(['x', 'new'], none, { members: true, all: false }).map(({ token }) => token)).toEqual(['b']);
  expect(locks.against(['x', 'new'], none, { members: false, all: false })).toEqual([]);
  expect(
    locks
      .against(['x'], new Set(['b']), all)
      .map(({ token }) => token)
      .sort(),
  ).toEqual(['a', 'c']);
  expect(locks.against(['x'], new Set(['a', 'b', 'c']), all)).toEqual([]);
});

it('ends with its time, its release, and what it was on', () => {
  let now = 0;
  const locks = createLocks(() => now);
  locks.take(want('a', 'x'));
  now = 30_000;
  expect(locks.refresh('a', ['x', 'inside'], 60)).toMatchObject({ ends: 90_000 });
  now = 89_999;
  expect(locks.covering(['x', 'y'])).toHaveLength(1);
  now = 90_000;
  expect(locks.covering(['x', 'y'])).toEqual([]);
  expect(locks.refresh('a', ['x'], 60)).toBeNull();
  locks.take(want('b', 'x/y'));
  expect(locks.release('b', ['x'])).toBe(false);
  expect(locks.release('b', ['x', 'y', 'z'])).toBe(true);
  locks.take(want('c', 'x/y'));
  locks.forget(['x']);
  expect(locks.count()).toBe(0);
});

it('shares among those that share', () => {
  const locks = createLocks(() => 0);
  locks.take(want('a', 'x', { scope: 'shared' }));
  expect(locks.take(want('b', 'x', { scope: 'shared' }))).toMatchObject({ token: 'b' });
  expect(locks.take(want('c', 'x'))).toHaveLength(2);
  expect(locks.against(['x'], new Set(['b']), all)).toEqual([]);
  expect(locks.against(['x'], none, all)).toHaveLength(2);
});

it('never holds two that shut each other out, and no more than it should', () => {
  const step = fc.record({
    path: fc.array(fc.constantFrom('a', 'b'), { maxLength: 3 }),
    depth: fc.constantFrom('0' as const, 'infinity' as const),
    scope: fc.constantFrom('exclusive' as const, 'shared' as const),
    drop: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const locks = createLocks(() => 0);
      steps.forEach(({ path, depth, scope, drop }, i) => {
        if (drop) locks.forget(path);
        else locks.take({ token: `t${i}`, path, depth, scope, owner: '', seconds: 60 });
        for (const at of [[], ['a'], ['a', 'a'], ['b'], ['a', 'b', 'a']]) {
          const there = locks.covering(at);
          expect(there.length < 2 || there.every((lock) => lock.scope === 'shared')).toBe(true);
        }
      });
    }),
  );
  const many = createLocks(() => 0);
  for (let i = 0; i < 1024; i++) many.take(want(`t${i}`, `n${i}`));
  expect(many.take(want('more', 'more'))).toBeNull();
});
