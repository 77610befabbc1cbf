import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, openBench, testContext } from './testing/harness.ts';

/** What is asked of paths below this directory does not come back until it is let go, as on a network mount whose server is gone. */
const mount = vi.hoisted(() => ({ directory: null as string | null, asked: 0, hung: Promise.resolve() }));
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const stat = async (path: string, ...rest: unknown[]) => {
    if (mount.directory !== null && path.startsWith(mount.directory)) {
      mount.asked++;
      await mount.hung;
    }
    return fs.stat(path, ...(rest as []));
  };
  return { ...fs, default: fs, stat };
});

let bench: Bench;
let letGo: () => void;
/** Shards' names read from `c/` since the last look. */
let listed: number;
beforeEach(async () => {
  mount.directory = null;
  listed = 0;
  bench = await openBench({
    wrapStore: (store) => ({
      ...store,
      list(directory) {
        listed += directory === 'c' ? 1 : 0;
        return store.list(directory);
      },
    }),
  });
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  mount.directory = null;
  letGo?.();
  await bench.close();
});

const hang = (n: number): void => {
  mount.hung = new Promise((resolve) => {
    letGo = resolve;
  });
  mount.asked = 0;
  mount.directory = join(bench.home, 'places', String(n));
};
const status = () => bench.vault.handlers['vault.status']({}, testContext());
const later = (ms: number): void => bench.host.setNow(bench.host.now() + ms);
/** The clock goes on while `work` waits. */
async function inTime<T>(work: T | Promise<T>): Promise<T> {
  let done = false;
  const watched = Promise.resolve(work).finally(() => {
    done = true;
  });
  for (let i = 0; !done && i < 1000; i++) {
    bench.host.advance(500);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return watched;
}

describe('a place that does not answer', () => {
  it('does not hold up the status, counts as missing, and is used again when it answers', {
    timeout: 60_000,
  }, async () => {
    hang(2);
    later(6_000);
    const began = bench.host.now();
    expect(await inTime(status())).toMatchObject({ state: 'ready' });
    expect(bench.host.now() - began).toBeLessThan(5_000);
    await vi.waitFor(async () => expect(await inTime(status())).toMatchObject({ healthyPlaces: 2 }), 20_000);
    const { places } = await inTime(bench.vault.handlers['vault.places']({}, testContext()));
    expect(places[1]).toMatchObject({
      health: 'missing',
      problem: { code: 'UNREADABLE', text: expect.stringMatching(/does not answer/) },
    });
    // One look waits for it, not one more with each question.
    expect(mount.asked).toBe(1);
    mount.directory = null;
    letGo();
    await vi.waitFor(async () => {
      later(6_000);
      expect(await inTime(status())).toMatchObject({ healthyPlaces: 3 });
    }, 20_000);
  });
});

it('is asked how it is without reading all places again each time', async () => {
  later(6_000);
  await status();
  const before = listed;
  for (let i = 0; i < 10; i++) await status();
  expect(listed).toBe(before);
});
