import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { migrations } from './store/schema.ts';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

let bench: Bench;
let source: string;
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  await h()['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const put = async (name: string, bytes: Uint8Array): Promise<void> => {
  await writeFile(join(source, name), bytes);
  await h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'both' }, testContext());
};
const same = async (name: string, bytes: Uint8Array): Promise<void> => {
  const { id } = await h()['vault.get']({ item: name }, testContext());
  expect(Buffer.compare(await readAll(h()['vault.read']({ item: id, offset: 0 }, testContext())), bytes)).toBe(0);
};
const database = () => join(bench.home, 'vault', 'catalogue.db');
const scribble = async (): Promise<void> => {
  const bytes = await readFile(database());
  bytes.fill(0x5a, 0, 8192);
  await writeFile(database(), bytes);
  for (const suffix of ['-wal', '-shm']) await rm(database() + suffix, { force: true });
};

describe('a damaged catalogue', () => {
  it('is rebuilt from the places when there is no copy of it', async () => {
    await put('f', noise(400_000, 1));
    await bench.vault.stop();
    await rm(`${database()}.copy`, { force: true });
    await scribble();
    await bench.vault.start();
    await same('f', noise(400_000, 1));
    expect(bench.vault.notices().map((n) => n.code)).toContain('VAULT_REBUILT');
    expect((await readdir(join(bench.home, 'vault'))).some((n) => n.includes('damaged'))).toBe(true);
    await put('g', noise(300_000, 3));
    await same('g', noise(300_000, 3));
  });

  it('restored from an old copy catches up with the places and loses nothing newer', async () => {
    await put('old', noise(300_000, 1));
    await bench.restart();
    const copy = await readFile(`${database()}.copy`);
    await put('new', noise(300_000, 3));
    await bench.vault.stop();
    await writeFile(`${database()}.copy`, copy);
    await scribble();
    await bench.vault.start();
    await same('old', noise(300_000, 1));
    await same('new', noise(300_000, 3));
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('that went back in time without a word catches up with the places', async () => {
    await put('old', noise(300_000, 1));
    await bench.vault.stop();
    const before = await readFile(database());
    await bench.vault.start();
    await put('new', noise(300_000, 3));
    await bench.vault.stop();
    // Whole, but of yesterday: a log that was lost, a file out of a backup.
    await writeFile(database(), before);
    await rm(`${database()}.copy`, { force: true });
    await bench.vault.start();
    await same('old', noise(300_000, 1));
    await same('new', noise(300_000, 3));
    expect(bench.vault.notices().map((n) => n.code)).toContain('VAULT_REBUILT');
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('is not rebuilt when nothing is wrong, also after a crash', async () => {
    await put('f', noise(300_000, 1));
    await bench.restart();
    await same('f', noise(300_000, 1));
    expect(bench.vault.notices()).toEqual([]);
  });

  it('whatever page of it is zeroed, cut off or gone, loses nothing, with a copy and without', async () => {
    await put('f', noise(300_000, 1));
    await bench.vault.stop();
    const good = await readFile(database());
    const copy = await readFile(`${database()}.copy`);
    const pages = good.length / 4096;
    for (let n = 0; n < pages; n += 11) {
      for (const kept of [true, false]) {
        for (const bytes of [Buffer.from(good).fill(0, n * 4096, (n + 1) * 4096), good.subarray(0, n * 4096 + 50)]) {
          await writeFile(database(), bytes);
          if (kept) await writeFile(`${database()}.copy`, copy);
          else await rm(`${database()}.copy`, { force: true });
          await bench.vault.start();
          await same('f', noise(300_000, 1));
          expect(bench.vault.notices().length, `page ${n}`).toBeGreaterThan(0);
          await bench.vault.stop();
        }
      }
    }
    await bench.vault.start();
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('of a later release stays as it is and is explained', async () => {
    await put('f', noise(300_000, 1));
    await bench.vault.stop();
    const db = new DatabaseSync(database());
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(bench.vault.start()).rejects.toMatchObject({ code: 'DATABASE_NEWER', next: expect.any(String) });
    const again = new DatabaseSync(database());
    again.exec(`PRAGMA user_version = ${migrations.length}`);
    again.close();
    await bench.vault.start();
    await same('f', noise(300_000, 1));
  });
});

describe('a catalogue that is lost while places are away', () => {
  const place = (n: number): string => join(bench.home, 'places', String(n));
  const away = (n: number): string => join(source, `away${n}`);
  const status = () => h()['vault.status']({}, testContext());
  const page = { sort: 'name', descending: false, offset: 0, limit: 10 } as const;
  const list = () => h()['vault.list']({ folder: 'root', ...page }, testContext());

  it.each([[[1, 2]], [[2, 3]], [[1, 2, 3]]])(
    'waits for places %j, says so, and opens when enough are back',
    async (gone) => {
      await put('f', noise(300_000, 1));
      await bench.vault.stop();
      for (const suffix of ['', '.copy', '-wal', '-shm']) await rm(database() + suffix, { force: true });
      for (const n of gone) await rename(place(n), away(n));
      await bench.vault.start();
      const waits = { state: 'none', found: { missing: gone.map((n) => `Place ${n} (${place(n)})`) } };
      await expect(list()).rejects.toMatchObject({ code: 'NO_VAULT', message: expect.stringContaining(place(2)) });
      expect(await status()).toMatchObject(waits);
      // As often as it is asked, and after locking and unlocking: nothing is made meanwhile.
      bench.host.advance(60_000);
      bench.keys.set(null);
      expect(await status()).toMatchObject({ state: 'none' });
      bench.keys.set(new Uint8Array(32).fill(42));
      await expect(list()).rejects.toMatchObject({ code: 'NO_VAULT' });
      expect(await status()).toMatchObject(waits);
      await bench.restart();
      await expect(list()).rejects.toMatchObject({ code: 'NO_VAULT' });
      await expect(h()['vault.setup']({ profile: { k: 2, m: 1 } }, testContext())).rejects.toMatchObject({
        code: 'NOT_ENOUGH_PLACES',
      });
      for (const n of gone.slice(1)) await rename(away(n), place(n));
      bench.host.advance(60_000);
      await vi.waitFor(async () => expect(await status()).toMatchObject({ state: 'ready', files: 1 }), 20_000);
      await same('f', noise(300_000, 1));
    },
  );

  it('is not taken for empty when the places are here and their copies of it are not', async () => {
    await put('f', noise(300_000, 1));
    await bench.vault.stop();
    for (const suffix of ['', '.copy', '-wal', '-shm']) await rm(database() + suffix, { force: true });
    for (const n of [1, 2, 3]) await rename(join(place(n), 'c'), away(n));
    await bench.vault.start();
    await expect(list()).rejects.toMatchObject({ message: expect.stringMatching(/no(ne of the)? place/) });
    expect(await status()).toMatchObject({ state: 'none', found: { missing: [] } });
    for (const n of [1, 2, 3]) {
      await rm(join(place(n), 'c'), { recursive: true, force: true });
      await rename(away(n), join(place(n), 'c'));
    }
    bench.host.advance(60_000);
    await vi.waitFor(async () => expect(await status()).toMatchObject({ state: 'ready', files: 1 }), 20_000);
    await same('f', noise(300_000, 1));
  });
});

it('a vault whose catalogue and list of places are gone is said to be found, and setting up takes it up again', async () => {
  await put('f', noise(300_000, 1));
  await bench.vault.stop();
  await rm(join(bench.home, 'vault'), { recursive: true });
  await bench.vault.start();
  const status = await h()['vault.status']({}, testContext());
  expect(status).toMatchObject({
    state: 'none',
    found: { places: 3, next: expect.stringContaining('Set the vault up') },
  });
  expect(status.found?.text).toContain(join(bench.home, 'places'));
  expect(bench.vault.notices().map((n) => n.code)).toEqual(['VAULT_FOUND']);
  await expect(h()['vault.get']({ item: 'f' }, testContext())).rejects.toMatchObject({
    code: 'NO_VAULT',
    message: expect.stringContaining('not lost'),
    next: expect.stringContaining('taken up again'),
  });
  await expect(h()['vault.repair']({}, testContext())).rejects.toMatchObject({
    message: expect.stringContaining('found'),
  });
  // Whatever profile is asked for: what is there counts.
  const after = await h()['vault.setup']({ profile: { k: 1, m: 0 } }, testContext());
  expect(after).toMatchObject({ state: 'ready', profile: { k: 2, m: 1 }, files: 1 });
  expect(after.found).toBeUndefined();
  expect(bench.vault.notices().map((n) => n.code)).toEqual(['VAULT_REBUILT']);
  await same('f', noise(300_000, 1));
});
