import { copyFile, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noise, testContext } from '../testing/harness.ts';
import { type Ground, openGround, tallied } from './testing/ground.ts';

let g: Ground;
beforeEach(async () => {
  g = await openGround();
});
afterEach(async () => {
  await g.close();
});

const dayMs = 24 * 60 * 60_000;
const whole = async (): Promise<void> => {
  await g.readAll();
  expect(g.tally).toMatchObject({ lost: 0, wrong: 0 });
  expect(await g.verify()).toMatchObject({ missing: 0, corrupt: 0 });
};

describe('reading everything again', () => {
  it('reads all within the period, and says of files and places when', async () => {
    await g.setUp(2, 1, 3);
    await g.fill(1);
    expect((await g.status()).verifiedAt).toBeNull();
    expect((await g.upkeep()).neverChecked).toBeGreaterThan(0);
    await g.tend(60);
    const { oldestAt, neverChecked, counts } = await g.upkeep();
    expect(neverChecked).toBe(0);
    expect(oldestAt).not.toBeNull();
    expect(counts).toMatchObject({ rotten: 0, missing: 0 });
    for (const place of await g.places()) expect(place.verifiedAt).not.toBeNull();
    const item = await g.h()['vault.get']({ item: '/f1-3' }, testContext());
    expect(item.verifiedAt).toBeGreaterThanOrEqual(oldestAt ?? Number.POSITIVE_INFINITY);
    // Later passes follow by themselves: nothing gets older than the period.
    await g.tend(120, dayMs / 2);
    const later = (await g.upkeep()).oldestAt ?? 0;
    expect(g.bench.host.now() - later).toBeLessThan(31 * dayMs);
  });

  it('finds a flipped bit, another shard’s bytes, an older shard and a cut one, and mends them', async () => {
    await g.setUp(2, 2, 4);
    await g.fill(2);
    const files = await g.shards(1);
    const [a = '', b = '', c = ''] = files;
    await g.flip(a, 5000);
    const good = await readFile(b);
    await copyFile(c, b);
    g.tally.faults++;
    const other = await g.shards(2);
    // A shard that is right, but of another index of the same pack.
    const name = c.split('/').at(-1)?.slice(0, 32) ?? '';
    const twin = other.find((file) => file.includes(name)) ?? '';
    await copyFile(twin, c);
    g.tally.faults++;
    await writeFile(other.find((file) => file !== twin) ?? '', good.subarray(0, 100));
    g.tally.faults++;
    await g.tend(60);
    const { counts, repairing } = await g.upkeep();
    expect(counts.rotten + counts.missing).toBe(4);
    expect(counts.remade).toBe(4);
    expect(repairing).toBe(0);
    await whole();
    console.log(`upkeep, rot: ${tallied(g.tally)}`);
  });

  it('finds deleted files by their names within a day, and makes them again', async () => {
    await g.setUp(2, 1, 3);
    await g.fill(3);
    await g.tend(1);
    for (const file of await g.shards(3)) {
      await rm(file);
      g.tally.faults++;
    }
    await g.tend(1, dayMs + 1);
    expect((await g.status()).missingShards).toBe(0);
    await whole();
    expect((await g.upkeep()).events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['found', 'remade']));
  });

  it('goes on where it was after a restart', async () => {
    await g.setUp(2, 1, 3);
    for (let i = 0; i < 12; i++) await g.put(`f${i}`, noise(4_000_000, 2 * i + 1));
    let reads = 0;
    await g.bench.restart({
      wrapStore: (store) => ({
        ...store,
        read(name, offset, target) {
          if (name.startsWith('p/')) reads++;
          return store.read(name, offset, target);
        },
      }),
    });
    await g.tend(2, 60_000);
    const { counts } = await g.upkeep();
    const before = reads;
    expect(counts.checked).toBeGreaterThan(0);
    expect((await g.upkeep()).neverChecked).toBeGreaterThan(0);
    await g.bench.restart();
    await g.status();
    await g.tend(60);
    const after = await g.upkeep();
    expect(after.neverChecked).toBe(0);
    expect(before).toBeGreaterThan(0);
  });

  it('waits while locked and when switched off, and leaves repair alone then', async () => {
    await g.setUp(2, 1, 3);
    await g.fill(4);
    const configured = testContext();
    await g.h()['vault.configureUpkeep']({ on: false }, configured);
    expect(configured.undone[0]).toMatchObject({ method: 'vault.configureUpkeep', input: { on: true } });
    await g.tend(20);
    expect(await g.upkeep()).toMatchObject({ state: 'off', counts: { checked: 0 } });
    await g.h()['vault.configureUpkeep']({ on: true }, testContext());
    g.bench.keys.set(null);
    await g.tend(20);
    expect(await g.upkeep()).toMatchObject({ state: 'locked', counts: { checked: 0 } });
    g.bench.keys.set(new Uint8Array(32).fill(42));
    await g.status();
    // Before anything was done.
    expect(await g.upkeep()).toMatchObject({ state: 'on', counts: { checked: 0 } });
    await g.tend(20);
    expect((await g.upkeep()).counts.checked).toBeGreaterThan(0);
  });
});

describe('places that are away', () => {
  const away = (n: number) => rename(g.dir(n), join(g.source, `away${n}`));
  const back = (n: number) => rename(join(g.source, `away${n}`), g.dir(n));

  it('are left alone for the grace period, and what they hold is made again after it', async () => {
    await g.setUp(2, 1, 3);
    await g.fill(5);
    await g.addDirectory(4);
    await g.h()['vault.configureUpkeep']({ graceHours: 2, spread: false }, testContext());
    await g.tend(1);
    // The directory above goes too: a disk that is not there, not one that was emptied.
    await away(3);
    await writeFile(g.dir(3), '');
    g.tally.faults++;
    await g.places();
    await g.tend(20);
    expect((await g.upkeep()).counts.remade).toBe(0);
    await g.tend(10);
    const { counts, repairing, places } = await g.upkeep();
    expect(counts.remade).toBeGreaterThan(0);
    expect(repairing).toBe(0);
    expect(places.filter(({ departed }) => departed)).toHaveLength(1);
    expect((await g.status()).missingShards).toBe(0);
    await rm(g.dir(3));
    await back(3);
    await g.places();
    expect((await g.shards(3)).length).toBeGreaterThan(0);
    await g.tend(20);
    expect((await g.upkeep()).events.map(({ kind }) => kind)).toContain('returned');
    // What was made again elsewhere is of no use here any more.
    expect(await g.shards(3)).toEqual([]);
    await whole();
  });

  it('are left in time when their keeper wants them back, and stay when there is nowhere to go', async () => {
    await g.setUp(2, 1, 2, 1);
    await g.fill(9);
    g.server(1).closing = true;
    await g.places();
    await g.tend(5);
    // Nothing else has room for a third piece: what is there is better than nothing.
    expect(g.keys(1).length).toBeGreaterThan(0);
    await g.addDirectory(3);
    await g.tend(30);
    expect(g.keys(1)).toEqual([]);
    expect((await g.upkeep()).repairing).toBe(0);
    g.server(1).away = true;
    await g.places();
    expect(await g.status()).toMatchObject({ survivesDevices: 0, missingShards: 0 });
    await whole();
  });

  it('help to move what only they and one other still have', async () => {
    await g.setUp(2, 1, 2, 1);
    await g.fill(10);
    await g.h()['vault.configureUpkeep']({ graceHours: 2 }, testContext());
    await rm(g.dir(2), { recursive: true });
    g.tally.faults++;
    g.server(1).closing = true;
    await g.places();
    for (const n of [3, 4]) await g.addDirectory(n);
    await g.tend(100);
    expect(g.keys(1)).toEqual([]);
    await whole();
  });

  it('that come and go are not mistaken for lost, whatever is read meanwhile', async () => {
    await g.setUp(2, 1, 3);
    await g.fill(6);
    await g.addDirectory(4);
    await g.h()['vault.configureUpkeep']({ spread: false }, testContext());
    for (let i = 0; i < 12; i++) {
      await away(2);
      g.tally.faults++;
      await g.tend(2);
      await g.readAll();
      await back(2);
      await g.tend(2);
    }
    expect((await g.upkeep()).counts).toMatchObject({ missing: 0, rotten: 0, remade: 0 });
    await whole();
    console.log(`upkeep, flapping place: ${tallied(g.tally)}`);
  });

  it('are not given up because the clock jumps a year', async () => {
    await g.setUp(2, 1, 3);
    await g.fill(7);
    await g.addDirectory(4);
    await g.h()['vault.configureUpkeep']({ spread: false }, testContext());
    await away(1);
    await g.places();
    await g.tend(1, 365 * dayMs);
    await g.tend(1, -2 * 365 * dayMs);
    await g.tend(2);
    expect((await g.upkeep()).counts.remade).toBe(0);
    await back(1);
    await g.places();
    await whole();
  });
});

describe('a disk that is full at a repair', () => {
  it('leaves what is there, tries again later, and is mended when there is room', async () => {
    let full = false;
    await g.close();
    g = await openGround({
      wrapStore: (store) => ({
        ...store,
        async put(name, parts, taken) {
          if (full && name.startsWith('p/')) {
            g.tally.faults++;
            throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
          }
          return store.put(name, parts, taken);
        },
      }),
    });
    await g.setUp(2, 1, 3);
    await g.fill(8);
    for (const file of await g.shards(1)) await g.flip(file, 90);
    full = true;
    await g.tend(60);
    const stuck = await g.upkeep();
    expect(stuck.repairing).toBeGreaterThan(0);
    expect(stuck.counts.remade).toBe(0);
    await g.readAll();
    full = false;
    await g.tend(80);
    expect(await g.upkeep()).toMatchObject({ repairing: 0 });
    await whole();
    console.log(`upkeep, full disk: ${tallied(g.tally)}`);
  });
});
