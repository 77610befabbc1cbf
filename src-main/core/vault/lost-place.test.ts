import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, openBench, testContext } from './testing/harness.ts';

describe('a place that goes away', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await openBench();
    await bench.vault.handlers['vault.setup']({ profile: { k: 4, m: 2 } }, testContext());
    await bench.vault.handlers['vault.makeFolder']({ parent: 'root', name: 'x' }, testContext());
  });
  afterEach(() => bench.close());

  const status = async () => bench.vault.handlers['vault.status']({}, testContext());

  it('shows in the first status asked after it', async () => {
    expect(await status()).toMatchObject({ healthyPlaces: 6, survivesPlaces: 2 });
    await rm(join(bench.home, 'places', '2'), { recursive: true });
    await rm(join(bench.home, 'places', '5'), { recursive: true });
    bench.host.setNow(bench.host.now() + 6_000);
    expect(await status()).toMatchObject({ healthyPlaces: 4, survivesPlaces: 0 });
  });

  it('is noticed and told without anybody asking', async () => {
    await rm(join(bench.home, 'places', '2'), { recursive: true });
    const before = bench.events.length;
    bench.host.advance(20_000);
    await vi.waitFor(() => expect(bench.events.slice(before)).toContainEqual({ topic: 'vault', ids: [] }), 10_000);
    expect(await status()).toMatchObject({ healthyPlaces: 5 });
    // And it goes on looking.
    await vi.waitFor(() => expect(bench.host.timers()).toBeGreaterThan(0), 10_000);
  });
});
