import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

let top: string;
let one: Bench;
let two: Bench;
const at = (n: number): string => join(top, `drive${n}`);
const src = noise(400_000, 1);

const put = async (bench: Bench, name: string, content: Buffer) => {
  await writeFile(join(top, name), content);
  return bench.vault.handlers['vault.put']({ paths: [join(top, name)], into: 'root', clash: 'both' }, testContext());
};
const read = async (bench: Bench, name: string): Promise<Buffer> => {
  const { id } = await bench.vault.handlers['vault.get']({ item: name }, testContext());
  return readAll(bench.vault.handlers['vault.read']({ item: id, offset: 0 }, testContext()));
};
const bin = (bench: Bench, name: string) => bench.vault.handlers['vault.bin']({ items: [name] }, testContext());
const purge = (bench: Bench) => bench.vault.handlers['vault.purge']({}, testContext());
const status = (bench: Bench) => bench.vault.handlers['vault.status']({}, testContext());
const shards = async (): Promise<string[]> => {
  const all = await Promise.all([1, 2, 3].map((n) => readdir(at(n), { recursive: true })));
  return all.flatMap((names, i) => names.filter((name) => /\.\d\d$/.test(name)).map((name) => `${i}/${name}`));
};

beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'hypha-two-'));
  one = await openBench({ home: join(top, 'home') });
  await one.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 }, paths: [at(1), at(2), at(3)] }, testContext());
  await put(one, 'src', src);
  await one.vault.stop();
  await cp(join(top, 'home'), join(top, 'copy'), { recursive: true });
  await one.vault.start();
  two = await openBench({ home: join(top, 'copy') });
});
afterEach(async () => {
  await one.close();
  await two.close();
  await rm(top, { recursive: true, force: true });
});

describe('two agents of one data directory, with places that both write to', () => {
  it('refuse to delete for good, looking for each other right then', async () => {
    await put(one, 'mine', noise(100_000, 3));
    await put(two, 'theirs', noise(100_000, 5));
    await bin(two, 'src');
    const before = await shards();
    // No timer ran and nobody told: the look is the purge's own.
    await expect(purge(two)).rejects.toMatchObject({ code: 'TWO_WRITERS', next: expect.stringContaining('Stop one') });
    expect(await shards()).toEqual(expect.arrayContaining(before));
    expect((await status(two)).binned).toBe(1);
    expect((await read(one, 'src')).equals(src)).toBe(true);
    expect(await one.vault.handlers['vault.verify']({}, testContext())).toMatchObject({ missing: 0, damagedFiles: 0 });
  });

  it('refuse it also when only the other has written anything', async () => {
    await put(one, 'mine', noise(100_000, 3));
    await bin(two, 'src');
    await expect(purge(two)).rejects.toMatchObject({ code: 'TWO_WRITERS' });
    expect((await read(one, 'src')).equals(src)).toBe(true);
  });

  it('say so in the status and after a put, without waiting for a timer', async () => {
    expect((await status(one)).notices).toBeUndefined();
    await put(one, 'mine', noise(100_000, 3));
    const seen = [{ code: 'VAULT_TWO_WRITERS', text: expect.stringContaining('Use only one of them') }];
    expect(await put(two, 'theirs', noise(100_000, 5))).toMatchObject({ notices: seen });
    // It was seen a moment ago, and is not read again at every look at the page.
    one.host.setNow(one.host.now() + 6_000);
    expect(await status(one)).toMatchObject({ notices: seen });
    await one.restart();
    expect(await status(one)).toMatchObject({ notices: seen });
  });

  it('delete no shard by repair, by new bases of the catalogue or by leaving a place', async () => {
    await put(one, 'mine', noise(100_000, 3));
    await put(two, 'theirs', noise(100_000, 5));
    const before = await shards();
    await two.vault.handlers['vault.repair']({}, testContext());
    // More deltas than a base may have.
    for (let i = 0; i < 70; i++) await put(two, `f${i}`, noise(100, i + 9));
    await put(two, 'last', noise(1_000, 7));
    await two.restart();
    const db = new DatabaseSync(join(top, 'copy', 'vault', 'catalogue.db'), { readOnly: true });
    expect(db.prepare(`SELECT count(*) AS n FROM packs WHERE kind = 1 AND state = 'dead'`).get()).not.toEqual({ n: 0 });
    db.close();
    for (const n of [4, 5, 6]) await two.vault.handlers['vault.addPlace']({ path: at(n) }, testContext());
    const { places } = await two.vault.handlers['vault.places']({}, testContext());
    for (const { id } of places.filter(({ path }) => [1, 2, 3].some((n) => path === at(n))))
      await two.vault.handlers['vault.removePlace']({ place: id }, testContext());
    expect(await shards()).toEqual(expect.arrayContaining(before));
    expect((await read(one, 'src')).equals(src)).toBe(true);
    // It has places of its own now: that is the way out, and no file of the other is touched by what it deletes.
    expect((await status(two)).notices).toBeUndefined();
    await bin(two, 'src');
    expect(await purge(two)).toMatchObject({ purged: 1 });
    expect(await shards()).toEqual(expect.arrayContaining(before));
    expect((await read(two, 'theirs')).equals(noise(100_000, 5))).toBe(true);
    expect((await read(one, 'mine')).equals(noise(100_000, 3))).toBe(true);
    expect(await one.vault.handlers['vault.verify']({}, testContext())).toMatchObject({ missing: 0, damagedFiles: 0 });
  });
});

it('one agent alone empties its bin as before', async () => {
  await bin(one, 'src');
  expect(await purge(one)).toMatchObject({ purged: 1 });
  expect((await shards()).filter((name) => /^\d\/p\//.test(name))).toEqual([]);
});
