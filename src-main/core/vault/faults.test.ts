import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ShardStore, VaultDeps } from './index.ts';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

let bench: Bench;
let source: string;
/** Decides for every shard write whether it fails, by the place's path. */
let failPut: (path: string, name: string) => Error | null = () => null;

const wrapStore: VaultDeps['wrapStore'] = (store, path): ShardStore => ({
  ...store,
  async put(name, parts, taken) {
    const error = failPut(path, name);
    if (error) throw error;
    await store.put(name, parts, taken);
  },
});
const full = (): Error => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

beforeEach(async () => {
  failPut = () => null;
  bench = await openBench({ wrapStore });
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const status = () => h()['vault.status']({}, testContext());
const setUp = (k = 2, m = 2, paths?: string[]) =>
  h()['vault.setup']({ profile: { k, m }, ...(paths ? { paths } : {}) }, testContext());
const put = async (name: string, bytes: Uint8Array, context = testContext()) => {
  await writeFile(join(source, name), bytes);
  return h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'both' }, context);
};
const same = async (name: string, bytes: Uint8Array): Promise<void> => {
  const { id } = await h()['vault.get']({ item: name }, testContext());
  expect(Buffer.compare(await readAll(h()['vault.read']({ item: id, offset: 0 }, testContext())), bytes)).toBe(0);
};
const place = (n: number): string => join(bench.home, 'places', String(n));

describe('places that fail', () => {
  it('says DISK_FULL in words when the disk is full, and loses nothing', async () => {
    await setUp();
    await put('before', noise(500_000, 1));
    failPut = () => full();
    await expect(put('after', noise(500_000, 2))).rejects.toMatchObject({
      code: 'DISK_FULL',
      meaning: expect.stringContaining('safe'),
      next: expect.any(String),
    });
    failPut = () => null;
    await h()['vault.places']({}, testContext());
    await same('before', noise(500_000, 1));
    expect((await status()).files).toBe(1);
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
    await put('after', noise(500_000, 2));
    await same('after', noise(500_000, 2));
  });

  it('goes on when one place vanishes in the middle of a write, and repairs it later', async () => {
    await setUp();
    let puts = 0;
    failPut = (path) => (path === place(3) && ++puts > 2 ? new Error('gone') : null);
    const bytes = noise(20_000_000, 3);
    const context = testContext();
    const moved = rename(place(3), join(source, 'away'));
    await Promise.all([put('f', bytes, context), moved]);
    await same('f', bytes);
    await h()['vault.places']({}, testContext());
    expect((await status()).safety).toBe('at-risk');
    expect((await status()).missingShards).toBeGreaterThan(0);
    failPut = () => null;
    await rename(join(source, 'away'), place(3));
    await h()['vault.places']({}, testContext());
    expect((await h()['vault.repair']({}, testContext())).unrepairable).toBe(0);
    expect(await status()).toMatchObject({ missingShards: 0, survivesPlaces: 2 });
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('lets a pack’s memory be used again when its shards are written, before they are durable', async () => {
    const told: boolean[] = [];
    await bench.restart({
      wrapStore: (store) => ({
        ...store,
        async put(name, parts, taken) {
          let early = false;
          await store.put(name, parts, () => {
            early = true;
            taken?.();
          });
          told.push(early);
        },
      }),
    });
    await setUp();
    // More packs than fit in memory at a time: what is read over them must not show in any.
    const bytes = noise(60_000_000, 5);
    await put('f', bytes);
    expect(told.length).toBeGreaterThan(4);
    expect(told.every(Boolean)).toBe(true);
    await same('f', bytes);
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('counts a shard missing that could not be made durable after its memory was given back', async () => {
    await setUp();
    await bench.restart({
      wrapStore: (store, path) => ({
        ...store,
        async put(name, parts, taken) {
          await store.put(name, parts, taken);
          if (path !== place(2) || !name.startsWith('p/')) return;
          await store.remove(name);
          throw new Error('the disk did not take it after all');
        },
      }),
    });
    const bytes = noise(20_000_000, 7);
    await put('f', bytes);
    expect((await status()).missingShards).toBeGreaterThan(0);
    await same('f', bytes);
    await bench.restart();
    expect((await h()['vault.repair']({}, testContext())).unrepairable).toBe(0);
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('refuses with NOT_ENOUGH_PLACES below k+1 and keeps what it has', async () => {
    await setUp();
    await put('before', noise(100_000, 1));
    for (const n of [1, 2]) await rename(place(n), join(source, `away${n}`));
    await h()['vault.places']({}, testContext());
    await expect(put('after', noise(100_000, 2))).rejects.toMatchObject({ code: 'NOT_ENOUGH_PLACES' });
    await same('before', noise(100_000, 1));
    for (const n of [1, 2]) await rename(join(source, `away${n}`), place(n));
    await put('after', noise(100_000, 2));
    await same('after', noise(100_000, 2));
  });

  it('never writes into an unmarked directory, nor below an unplugged drive', async () => {
    await setUp();
    await put('f', noise(100_000, 1));
    await rename(place(1), join(source, 'away'));
    await mkdir(place(1));
    await writeFile(join(place(1), 'holiday.jpg'), 'mine');
    const { places } = await h()['vault.places']({}, testContext());
    expect(places.map((p) => p.health).sort()).toEqual(['missing', 'ok', 'ok', 'ok']);
    await put('g', noise(100_000, 2));
    await expect(h()['vault.repair']({}, testContext())).rejects.toMatchObject({ code: 'NOT_ENOUGH_PLACES' });
    const { readdir } = await import('node:fs/promises');
    expect(await readdir(place(1))).toEqual(['holiday.jpg']);
  });

  it('says of a disk that is smaller than what is kept free that this is why', async (context) => {
    const mount = join(source, 'disk');
    await mkdir(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', mount], { stdio: 'ignore' });
    } catch {
      console.log('skipped: a small disk can only be mounted as root on Linux');
      context.skip();
    }
    try {
      await setUp(1, 1, [join(mount, 'a'), join(mount, 'b')]);
      await expect(put('f', noise(13, 1))).rejects.toMatchObject({
        code: 'DISK_FULL',
        meaning: expect.stringContaining('16 MiB'),
      });
      const { places } = await h()['vault.places']({}, testContext());
      for (const { health, problem } of places) {
        expect(health).toBe('full');
        expect(problem).toMatchObject({ code: 'FULL', text: expect.stringMatching(/^11\.\d MiB are free .*16 MiB/) });
      }
    } finally {
      await bench.vault.stop();
      execFileSync('umount', ['-l', mount]);
    }
  });

  it('fills a real small disk, says so, and goes on after room is made', async (context) => {
    const mount = join(source, 'disk');
    await mkdir(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', mount], { stdio: 'ignore' });
    } catch {
      console.log('skipped: a small disk can only be mounted as root on Linux');
      context.skip();
    }
    try {
      await setUp(1, 1, [join(mount, 'a'), join(mount, 'b')]);
      await put('small', noise(1_000_000, 1));
      await expect(put('large', noise(60_000_000, 2))).rejects.toMatchObject({ code: 'DISK_FULL' });
      await same('small', noise(1_000_000, 1));
      expect((await status()).files).toBe(1);
      await put('next', noise(1_000_000, 3));
      await same('next', noise(1_000_000, 3));
      await bench.vault.stop();
      await bench.vault.start();
    } finally {
      await bench.vault.stop();
      execFileSync('umount', ['-l', mount]);
    }
  });
});

describe('places that come and go', () => {
  it('adds a place and drains another; nothing is lost and nothing stays behind', async () => {
    await setUp(2, 1);
    const bytes = noise(6_000_000, 8);
    await put('f', bytes);
    const { places } = await h()['vault.places']({}, testContext());
    const first = places[0];
    if (!first) throw new Error('no places');
    const refused = h()['vault.removePlace']({ place: first.id }, testContext());
    await expect(refused).rejects.toMatchObject({ code: 'NOT_ENOUGH_PLACES' });
    const context = testContext();
    const added = await h()['vault.addPlace']({ path: join(source, 'new'), name: 'Shelf' }, context);
    expect(added.place).toMatchObject({ name: 'Shelf', health: 'ok', kind: 'directory' });
    expect(context.undone).toEqual([{ method: 'vault.removePlace', input: { place: added.place.id } }]);
    await expect(h()['vault.addPlace']({ path: join(source, 'new') }, context)).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    });
    await expect(h()['vault.addPlace']({ path: join(source, 'new', 'in') }, context)).rejects.toMatchObject({
      code: 'BAD_PLACE',
    });
    await writeFile(join(source, 'plain'), '');
    await expect(h()['vault.addPlace']({ path: join(source, 'plain') }, context)).rejects.toMatchObject({
      code: 'BAD_PLACE',
    });
    await expect(h()['vault.addPlace']({ path: source }, context)).rejects.toMatchObject({ code: 'BAD_PLACE' });
    const { moved } = await h()['vault.removePlace']({ place: first.id }, testContext());
    expect(moved).toBeGreaterThan(0);
    await rm(first.path, { recursive: true, force: true });
    await same('f', bytes);
    expect(await status()).toMatchObject({ places: 3, missingShards: 0, survivesPlaces: 1 });
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
    await bench.restart();
    await same('f', bytes);
  });

  it('drops a place that is gone and rebuilds its shards', async () => {
    await setUp(2, 1);
    await put('f', noise(3_000_000, 8));
    await h()['vault.addPlace']({ path: join(source, 'new') }, testContext());
    await rm(place(2), { recursive: true });
    const { places } = await h()['vault.places']({}, testContext());
    const dead = places.find((p) => p.health === 'missing');
    if (!dead) throw new Error('no place is missing');
    await h()['vault.removePlace']({ place: dead.id }, testContext());
    expect(await status()).toMatchObject({ places: 3, healthyPlaces: 3, missingShards: 0, survivesPlaces: 1 });
    await same('f', noise(3_000_000, 8));
  });

  it('refuses a set-up that cannot work', async () => {
    await expect(setUp(2, 1, [join(source, 'a')])).rejects.toMatchObject({ code: 'TOO_FEW_PLACES' });
    await expect(setUp(1, 1, [join(source, 'a'), join(source, 'a')])).rejects.toMatchObject({ code: 'BAD_PLACE' });
    await writeFile(join(source, 'x'), '');
    await expect(setUp(1, 0, [source])).rejects.toMatchObject({ code: 'BAD_PLACE' });
    expect((await status()).state).toBe('none');
    await setUp(1, 0, [join(source, 'a')]);
    await expect(setUp()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  });
});

describe('stopping in the middle', () => {
  it('cancels a put and keeps what was finished', async () => {
    await setUp(2, 1);
    await mkdir(join(source, 'many'));
    for (let i = 0; i < 12; i++) await writeFile(join(source, 'many', `${i}`), noise(3_000_000, i + 1));
    const context = testContext((done) => {
      if (done > 15_000_000) context.aborter.abort();
    });
    const run = h()['vault.put']({ paths: [join(source, 'many')], into: 'root', clash: 'both' }, context);
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED' });
    const { files } = await status();
    expect(files).toBeGreaterThan(0);
    expect(files).toBeLessThan(12);
    const found = await h()['vault.list'](
      { folder: 'root', sort: 'name', descending: false, offset: 0, limit: 10 },
      testContext(),
    );
    const id = found.items[0]?.id;
    if (!id) throw new Error('no folder');
    const inside = await h()['vault.list'](
      { folder: id, sort: 'name', descending: false, offset: 0, limit: 99 },
      testContext(),
    );
    for (const item of inside.items) await same(`many/${item.name}`, noise(3_000_000, Number(item.name) + 1));
  });

  it('works the same with worker threads, many streams at once', async () => {
    await bench.restart({ workers: 2 });
    await setUp(4, 2);
    await mkdir(join(source, 'big'));
    for (let i = 0; i < 6; i++) await writeFile(join(source, 'big', `${i}`), noise(7_000_000 + i, i + 1));
    await h()['vault.put']({ paths: [join(source, 'big')], into: 'root', clash: 'both' }, testContext());
    await Promise.all([0, 1, 2, 3, 4, 5].map((i) => same(`big/${i}`, noise(7_000_000 + i, i + 1))));
  });
});
