import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, noise, openBench, testContext } from './testing/harness.ts';

let bench: Bench;
let source: string;
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  await h()['vault.setup']({ profile: { k: 2, m: 2 } }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const verify = () => h()['vault.verify']({}, testContext());
const status = () => h()['vault.status']({}, testContext());
const get = (item: string) => h()['vault.get']({ item }, testContext());
const put = async (name: string, seed: number, length = 300_000): Promise<void> => {
  await writeFile(join(source, name), noise(length, seed));
  await h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'both' }, testContext());
};
const purge = async (...names: string[]): Promise<void> => {
  const items = await Promise.all(names.map(async (name) => (await get(name)).id));
  await h()['vault.bin']({ items }, testContext());
  await h()['vault.purge']({}, testContext());
};
const lose = async (...places: number[]): Promise<void> => {
  for (const n of places) await rm(join(bench.home, 'places', String(n)), { recursive: true });
};

/** Three small files in one pack: purging two leaves it less than half alive, so that the third moves to a new pack. */
const putTogether = async (): Promise<void> => {
  const folder = join(source, 'd');
  await mkdir(folder);
  for (const n of [1, 2, 3]) await writeFile(join(folder, `f${n}`), noise(20_000, 2 * n + 1));
  await h()['vault.put']({ paths: [folder], into: 'root', clash: 'both' }, testContext());
};

describe('when everything was last checked', () => {
  it('stays known through losing two places, repair and a purge that packs anew', async () => {
    await putTogether();
    await verify();
    expect((await status()).verifiedAt).not.toBeNull();
    await lose(1, 3);
    await h()['vault.repair']({}, testContext());
    await purge('d/f1', 'd/f2');
    expect((await get('d/f3')).verifiedAt).not.toBeNull();
    expect((await status()).verifiedAt).not.toBeNull();
  });

  it('counts while locked the files that are damaged, as it does while unlocked', async () => {
    await putTogether();
    await put('f', 1);
    await lose(1, 2, 3);
    const unlocked = await verify();
    expect(unlocked).toMatchObject({ damagedFiles: 4 });
    bench.keys.set(null);
    expect(await verify()).toEqual(unlocked);
  });

  it('is known after repair has read every shard and made the lost ones anew', async () => {
    await put('f', 1);
    await lose(1, 3);
    expect(await verify()).toMatchObject({ corrupt: 0 });
    expect((await status()).verifiedAt).toBeNull();
    await h()['vault.repair']({}, testContext());
    expect((await status()).verifiedAt).not.toBeNull();
    expect((await get('f')).verifiedAt).not.toBeNull();
  });

  it('is not claimed for what was never checked', async () => {
    await putTogether();
    await purge('d/f1', 'd/f2');
    await put('g', 9);
    expect((await status()).verifiedAt).toBeNull();
    expect((await get('g')).verifiedAt).toBeNull();
  });

  it('is not claimed by a repair that leaves shards behind', async () => {
    await put('f', 1);
    await lose(1, 3);
    // A file stands where the directory was: neither missing nor writable.
    await writeFile(join(bench.home, 'places', '3'), '');
    await h()['vault.repair']({}, testContext());
    expect((await status()).verifiedAt).toBeNull();
  });
});
