import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, noise, openBench, testContext } from './testing/harness.ts';

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

  it('is rebuilt in one repair when only its shards went', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'hypha-lost-'));
    await writeFile(join(outside, 'f'), noise(3_000_000, 1));
    const paths = [join(outside, 'f')];
    await bench.vault.handlers['vault.put']({ paths, into: 'root', clash: 'both' }, testContext());
    await rm(outside, { recursive: true });
    for (const n of ['2', '5']) await rm(join(bench.home, 'places', n, 'p'), { recursive: true });
    const repaired = await bench.vault.handlers['vault.repair']({}, testContext());
    expect(repaired.unrepairable).toBe(0);
    expect(repaired.rebuilt).toBeGreaterThanOrEqual(2);
    expect(await bench.vault.handlers['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
    expect(await bench.vault.handlers['vault.repair']({}, testContext())).toMatchObject({ rebuilt: 0 });
  });
});
