import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

let bench: Bench;
let source: string;
const bytes = noise(500_000, 1);
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  await h()['vault.setup']({ profile: { k: 2, m: 1 }, paths: [at(1), at(2), at(3)] }, testContext());
  await writeFile(join(source, 'f'), bytes);
  await h()['vault.put']({ paths: [join(source, 'f')], into: 'root', clash: 'both' }, testContext());
  for (const n of [4, 5, 6]) await h()['vault.addPlace']({ path: at(n) }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const at = (n: number): string => join(source, `p${n}`);
const unplug = (n: number) => rename(at(n), join(source, `away${n}`));
const plug = (n: number) => rename(join(source, `away${n}`), at(n));
const remove = async (n: number) => {
  const { places } = await h()['vault.places']({}, testContext());
  const found = places.find((p) => p.path === at(n));
  if (!found) throw new Error('no such place');
  return h()['vault.removePlace']({ place: found.id }, testContext());
};
const read = async (): Promise<Buffer> => {
  await h()['vault.places']({}, testContext());
  const { id } = await h()['vault.get']({ item: 'f' }, testContext());
  return readAll(h()['vault.read']({ item: id, offset: 0 }, testContext()));
};
const shardFiles = async (n: number): Promise<string[]> =>
  (await readdir(at(n), { recursive: true }))
    .map(String)
    .filter((name) => /^p.*\.\d\d$/.test(name))
    .map((name) => join(at(n), name));

describe('a place that is removed', () => {
  it('takes no shard along that can be had nowhere else, whatever is unplugged', async () => {
    await unplug(1);
    await unplug(2);
    // Two of three shards are away: nothing can be rebuilt, but what lies on the third can be copied.
    expect((await remove(3)).moved).toBeGreaterThan(0);
    expect(await readdir(at(3))).toEqual([]);
    await plug(2);
    expect((await remove(2)).moved).toBeGreaterThan(0);
    expect((await read()).equals(bytes)).toBe(true);
    await plug(1);
    expect((await read()).equals(bytes)).toBe(true);
    await h()['vault.repair']({}, testContext());
    expect(await h()['vault.status']({}, testContext())).toMatchObject({ missingShards: 0, damaged: 0 });
  });

  it('stays when it is away itself and its shards cannot be rebuilt', async () => {
    await unplug(1);
    await unplug(2);
    await expect(remove(1)).rejects.toMatchObject({
      code: 'NOT_ENOUGH_PLACES',
      next: expect.stringContaining('Connect'),
    });
    await plug(1);
    expect((await read()).equals(bytes)).toBe(true);
    const { places } = await h()['vault.places']({}, testContext());
    expect(places.filter((p) => p.health === 'ok')).toHaveLength(5);
  });

  it('stays while its rotten shard cannot be rebuilt and other shards are away', async () => {
    const [file = ''] = await shardFiles(3);
    const good = await readFile(file);
    await writeFile(file, Buffer.from(good).fill(7, 200, 300));
    await unplug(1);
    await expect(remove(3)).rejects.toMatchObject({ code: 'NOT_ENOUGH_PLACES' });
    expect(await shardFiles(3)).toEqual([file]);
    await plug(1);
    expect((await remove(3)).moved).toBeGreaterThan(0);
    expect((await read()).equals(bytes)).toBe(true);
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('goes when what is lost is lost with every place here', async () => {
    for (const n of [1, 3]) for (const file of await shardFiles(n)) await rm(file);
    await remove(3);
    expect(await readdir(at(3))).toEqual([]);
    const { places } = await h()['vault.places']({}, testContext());
    expect(places).toHaveLength(5);
  });

  it('keeps shards that this catalogue knows nothing of', async () => {
    const [file = ''] = await shardFiles(3);
    const stranger = join(file, '..', `${'ab'.repeat(16)}.00`);
    await writeFile(stranger, await readFile(file));
    await remove(3);
    expect(await shardFiles(3)).toEqual([stranger]);
    // It still bears its mark, and can be taken up again.
    await h()['vault.addPlace']({ path: at(3) }, testContext());
    await bench.restart();
    expect((await h()['vault.places']({}, testContext())).places).toHaveLength(6);
  });
});
