import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ItemId } from '#shared/model/ids.ts';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

let bench: Bench;
let source: string;
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const setUp = () => h()['vault.setup']({ profile: { k: 4, m: 2 } }, testContext());
const put = (paths: string[], clash: 'both' | 'replace' | 'skip' = 'both') =>
  h()['vault.put']({ paths, into: 'root', clash }, testContext());
const read = (item: string, offset = 0, length?: number) =>
  readAll(
    h()['vault.read']({ item: item as ItemId, offset, ...(length === undefined ? {} : { length }) }, testContext()),
  );
const list = (folder = 'root') =>
  h()['vault.list'](
    { folder: folder as 'root', sort: 'name', descending: false, offset: 0, limit: 1000 },
    testContext(),
  );
const find = async (name: string) => {
  const found = await h()['vault.search']({ query: name, limit: 10, offset: 0, typing: false }, testContext());
  const item = found.items[0];
  if (!item) throw new Error(`${name} is not there`);
  return item;
};

/** A tree with the awkward cases: empty, one byte, repetitive, large, deep, and names of all kinds. */
async function sampleTree(): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>([
    ['empty', Buffer.alloc(0)],
    ['one', Buffer.from('x')],
    ['text.txt', Buffer.from('All work and no play makes Jack a dull boy.\n'.repeat(5000))],
    ['large.bin', noise(9_000_001, 7)],
    ['deep/er/still/file.md', Buffer.from('# deep')],
    ['emoji 👩‍👩‍👧 ü.txt', Buffer.from('emoji')],
    [`${'n'.repeat(251)}.txt`, Buffer.from('long')],
  ]);
  for (let i = 0; i < 50; i++) files.set(`many/${i}.dat`, noise(100 + i * 37, i + 1));
  for (const [name, bytes] of files) {
    await mkdir(join(source, 'tree', name, '..'), { recursive: true });
    await writeFile(join(source, 'tree', name), bytes);
  }
  return files;
}

const checkAll = async (files: Map<string, Buffer>): Promise<void> => {
  for (const [name, bytes] of files) {
    const item = await h()['vault.get']({ item: `tree/${name}` }, testContext());
    expect(item.size).toBe(bytes.length);
    expect(Buffer.compare(await read(item.id), bytes)).toBe(0);
  }
};

describe('vault', () => {
  it('stores a tree and gives every byte back, also after a restart', async () => {
    expect((await h()['vault.status']({}, testContext())).state).toBe('none');
    await setUp();
    const files = await sampleTree();
    const context = testContext();
    const result = await h()['vault.put']({ paths: [join(source, 'tree')], into: 'root', clash: 'both' }, context);
    expect(result.files).toBe(files.size);
    expect(result.skipped).toEqual([]);
    expect(context.steps).toEqual(['scan', 'store', 'commit']);
    expect(context.undone).toEqual([{ method: 'vault.bin', input: { items: result.items } }]);
    await checkAll(files);
    await bench.restart();
    await checkAll(files);
    const status = await h()['vault.status']({}, testContext());
    expect(status).toMatchObject({
      state: 'ready',
      files: files.size,
      folders: 5,
      places: 6,
      healthyPlaces: 6,
      devices: 1,
    });
    expect(status).toMatchObject({ safety: 'only-here', survivesDevices: 0, survivesPlaces: 2, missingShards: 0 });
  });

  it('reads any range', async () => {
    await setUp();
    const bytes = noise(5_000_000, 3);
    await writeFile(join(source, 'v.mp4'), bytes);
    await put([join(source, 'v.mp4')]);
    const { id, mime } = await find('v.mp4');
    expect(mime).toBe('video/mp4');
    for (const [offset, length] of [
      [0, 1],
      [4_999_999, 1],
      [1_234_567, 2_345_678],
      [5_000_000, 10],
      [9_000_000, 1],
      [3, 0],
    ] as const) {
      expect(Buffer.compare(await read(id, offset, length), bytes.subarray(offset, offset + length))).toBe(0);
    }
  });

  it('stores the same bytes once', async () => {
    await setUp();
    await writeFile(join(source, 'a'), noise(3_000_000, 9));
    await put([join(source, 'a')]);
    const before = (await h()['vault.status']({}, testContext())).stored;
    await writeFile(join(source, 'b'), noise(3_000_000, 9));
    const result = await put([join(source, 'b')]);
    expect(result.deduplicated).toBe(3_000_000);
    expect((await h()['vault.status']({}, testContext())).stored - before).toBeLessThan(20_000);
    expect(Buffer.compare(await read((await find('b')).id), noise(3_000_000, 9))).toBe(0);
  });

  it('survives the loss of any two places, shows the damage and repairs it', async () => {
    await setUp();
    const files = await sampleTree();
    await put([join(source, 'tree')]);
    for (const lost of [
      [1, 2],
      [3, 6],
    ]) {
      for (const n of lost) await rm(join(bench.home, 'places', String(n)), { recursive: true });
      await h()['vault.places']({}, testContext());
      await checkAll(files);
      const hurt = await h()['vault.status']({}, testContext());
      expect(hurt.healthyPlaces).toBe(4);
      expect(hurt.safety).toBe('at-risk');
      expect(hurt.survivesPlaces).toBe(0);
      expect(hurt.missingShards).toBeGreaterThan(0);
      expect(hurt.atRisk).toBeGreaterThan(files.size - 3);
      const repaired = await h()['vault.repair']({}, testContext());
      expect(repaired.unrepairable).toBe(0);
      expect(repaired.rebuilt).toBeGreaterThan(0);
      const well = await h()['vault.status']({}, testContext());
      expect(well).toMatchObject({ healthyPlaces: 6, missingShards: 0, survivesPlaces: 2, safety: 'only-here' });
      const check = await h()['vault.verify']({}, testContext());
      expect(check).toMatchObject({ missing: 0, corrupt: 0, damagedFiles: 0 });
    }
    await checkAll(files);
  });

  it('notices rot, reads around it and mends it', async () => {
    await setUp();
    const bytes = noise(4_000_000, 5);
    await writeFile(join(source, 'f'), bytes);
    await put([join(source, 'f')]);
    const { id } = await find('f');
    // Flip a byte in every shard of two places.
    for (const place of ['1', '4']) {
      const directory = join(bench.home, 'places', place, 'p', '00000');
      for (const name of await readdir(directory)) {
        const shard = await readFile(join(directory, name));
        shard[5000] = (shard[5000] ?? 0) ^ 1;
        await writeFile(join(directory, name), shard);
      }
    }
    expect(Buffer.compare(await read(id), bytes)).toBe(0);
    expect((await h()['vault.verify']({}, testContext())).corrupt).toBeGreaterThan(0);
    expect((await find('f')).safety).toBe('at-risk');
    await h()['vault.repair']({}, testContext());
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ corrupt: 0, missing: 0 });
    expect((await find('f')).safety).toBe('only-here');
    expect((await find('f')).verifiedAt).not.toBeNull();
  });

  it('says DAMAGED in words when three places of 4+2 are gone, and forgets nothing', async () => {
    await setUp();
    await writeFile(join(source, 'f'), noise(500_000, 5));
    await put([join(source, 'f')]);
    const { id } = await find('f');
    const { rename } = await import('node:fs/promises');
    for (const n of [1, 2, 3]) await rename(join(bench.home, 'places', `${n}`), join(source, `away${n}`));
    await h()['vault.places']({}, testContext());
    await expect(read(id)).rejects.toMatchObject({ code: 'DAMAGED' });
    expect((await h()['vault.status']({}, testContext())).damaged).toBe(1);
    for (const n of [1, 2, 3]) await rename(join(source, `away${n}`), join(bench.home, 'places', `${n}`));
    await h()['vault.places']({}, testContext());
    expect(Buffer.compare(await read(id), noise(500_000, 5))).toBe(0);
    expect((await h()['vault.status']({}, testContext())).damaged).toBe(0);
  });

  it('rebuilds itself from the places and the root alone', async () => {
    await setUp();
    const files = await sampleTree();
    await put([join(source, 'tree')]);
    const binned = await find('one');
    await h()['vault.bin']({ items: [binned.id] }, testContext());
    await bench.vault.stop();
    // The laptop burns: two places and everything local go, the places.json memory stays in the first case only.
    await rm(join(bench.home, 'vault', 'catalogue.db'), { force: true });
    for (const tail of ['-wal', '-shm', '.copy'])
      await rm(join(bench.home, 'vault', `catalogue.db${tail}`), { force: true });
    for (const n of [2, 5]) await rm(join(bench.home, 'places', String(n)), { recursive: true });
    const { createVault } = await import('./index.ts');
    const { quietLog } = await import('./testing/harness.ts');
    const deps = { host: bench.host, log: quietLog, emit: () => {}, home: bench.home, keys: bench.keys, workers: 0 };
    bench.vault = createVault(deps);
    await bench.vault.start();
    await h()['vault.restore']({ items: [binned.id] }, testContext());
    await checkAll(files);
    expect(bench.vault.notices().map((n) => n.code)).toContain('VAULT_REBUILT');
    await bench.vault.stop();
    // An empty profile: setup over the surviving directories.
    const empty = await mkdtemp(join(tmpdir(), 'hypha-empty-'));
    const paths = [1, 3, 4, 6].map((n) => join(bench.home, 'places', String(n)));
    bench.vault = createVault({ ...deps, home: empty });
    await bench.vault.start();
    await h()['vault.setup']({ profile: { k: 1, m: 0 }, paths }, testContext());
    await checkAll(files);
    await bench.vault.stop();
    bench.vault = createVault({ ...deps, home: empty });
    await bench.vault.start();
    await checkAll(files);
    await rm(empty, { recursive: true });
  });

  it('shows no name while locked, in answers and in the database', async () => {
    await setUp();
    await writeFile(join(source, 'very-secret-name.txt'), 'secret content of the file');
    await put([join(source, 'very-secret-name.txt')]);
    const { id } = await find('very-secret');
    const ticket = await h()['vault.ticket']({ item: id, disposition: 'inline' }, testContext());
    bench.keys.set(null);
    for (const call of [
      () => list(),
      () => read(id),
      () => h()['vault.get']({ item: id }, testContext()),
      () => h()['vault.search']({ query: 'secret', limit: 10, offset: 0, typing: false }, testContext()),
      () => h()['vault.cacheKey']({}, testContext()),
      () => put([source]),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'LOCKED' });
    }
    const status = await h()['vault.status']({}, testContext());
    expect(status.state).toBe('locked');
    expect(status.places).toBe(6);
    // Verify and repair go on without the person's keys.
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
    const stack = [bench.home];
    for (let at = stack.pop(); at; at = stack.pop()) {
      for (const entry of await readdir(at, { withFileTypes: true })) {
        const path = join(at, entry.name);
        if (entry.isDirectory()) stack.push(path);
        else expect((await readFile(path)).includes('very-secret')).toBe(false);
      }
    }
    bench.keys.set(new Uint8Array(32).fill(1));
    await expect(list()).rejects.toMatchObject({ code: 'LOCKED' });
    bench.keys.set(new Uint8Array(32).fill(42));
    expect((await list()).items.map((i) => i.name)).toEqual(['very-secret-name.txt']);
    const code = ticket.url.split('/')[2] ?? '';
    await expect(h()['vault.redeem']({ ticket: code }, testContext())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('skips what it cannot read, lists why, and stores the rest', async () => {
    await setUp();
    await writeFile(join(source, 'fine'), 'fine');
    await symlink('/etc/passwd', join(source, 'link'));
    await truncate(join(source, 'fine'), 0);
    await writeFile(join(source, 'sparse'), '');
    await truncate(join(source, 'sparse'), 40 * 1024 * 1024);
    const result = await put([
      join(source, 'fine'),
      join(source, 'link'),
      join(source, 'nothing'),
      join(source, 'sparse'),
    ]);
    expect(result.files).toBe(2);
    expect(result.skipped.map((s) => [s.path, s.code])).toEqual([
      [join(source, 'link'), 'NOT_A_FILE'],
      [join(source, 'nothing'), 'NOT_FOUND'],
    ]);
    expect((await read((await find('sparse')).id)).every((b) => b === 0)).toBe(true);
    expect((await h()['vault.status']({}, testContext())).stored).toBeLessThan(200_000);
    await expect(put([join(source, 'nothing')])).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('does not know while locked what it holds, and does not say nothing', async () => {
    await setUp();
    const counts = async () => {
      const { state, files, folders, size } = await h()['vault.status']({}, testContext());
      return [state, files, folders, size];
    };
    expect(await counts()).toEqual(['ready', 0, 0, 0]);
    bench.keys.set(null);
    expect(await counts()).toEqual(['locked', null, null, null]);
  });

  it('says that there is no identity where there is none, and not to unlock it', async () => {
    bench.keys.nobody();
    await expect(put([source])).rejects.toMatchObject({
      code: 'LOCKED',
      message: 'There is no identity yet, and a vault is locked with its keys.',
    });
    await expect(async () => await setUp()).rejects.toMatchObject({
      code: 'LOCKED',
      next: expect.stringContaining('identity create'),
    });
  });
});
