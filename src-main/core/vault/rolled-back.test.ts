import { mkdir, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeShardHeader, headerBytes, packKinds, tagBytes } from './format/shard.ts';
import type { ShardStore } from './index.ts';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

let bench: Bench;
let source: string;
/** Called at named points of writing. */
let at: (point: string) => void;
/** Lengths that were read, by name. */
let reads: { name: string; length: number }[];
beforeEach(async () => {
  at = () => {};
  reads = [];
  const wrapStore = (store: ShardStore): ShardStore => ({
    ...store,
    read(name, offset, target) {
      reads.push({ name, length: target.length });
      return store.read(name, offset, target);
    },
  });
  bench = await openBench({ probe: (point) => at(point), wrapStore });
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  await h()['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const place = (n: number): string => join(bench.home, 'places', String(n));
const local = (): string => join(bench.home, 'vault');
const put = async (name: string, seed: number, length = 300_000): Promise<void> => {
  await writeFile(join(source, name), noise(length, seed));
  await h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'both' }, testContext());
};
const same = async (name: string, seed: number, length = 300_000): Promise<void> => {
  const { id } = await h()['vault.get']({ item: name }, testContext());
  const bytes = await readAll(h()['vault.read']({ item: id, offset: 0 }, testContext()));
  expect(bytes.equals(noise(length, seed))).toBe(true);
};
const dataShards = async (n: number): Promise<string[]> =>
  (await readdir(place(n), { recursive: true }))
    .map(String)
    .filter((name) => /^p.*\.\d\d$/.test(name))
    .sort();
/** A file of more packs than are written at a time: when the first is stored, the file cannot be shown yet. */
const long = 30_000_000;
const unplug = (n: number) => rename(place(n), join(source, `away${n}`));
const plug = (n: number) => rename(join(source, `away${n}`), place(n));

describe.each([
  ['a pack was being written', 'pack-journalled'],
  ['a pack was stored and its file not shown', 'pack-committed'],
])('a catalogue that went back to when %s', (_, when) => {
  it('takes no shard away that a newer one on a place that is away may need', async () => {
    await put('old', 1);
    // As a copy made by something else than us at that moment would be.
    let saved = false;
    at = (point) => {
      if (point !== when || saved) return;
      saved = true;
      const db = new DatabaseSync(join(local(), 'catalogue.db'));
      db.exec(`VACUUM INTO '${join(source, 'then.db')}'`);
      db.close();
    };
    await put('new', 3, long);
    at = () => {};
    expect(saved).toBe(true);
    await bench.vault.stop();
    for (const name of await readdir(local())) if (name.startsWith('catalogue.db')) await rm(join(local(), name));
    await rename(join(source, 'then.db'), join(local(), 'catalogue.db'));
    const before = await dataShards(1);
    // The newer copy of the catalogue is on places that are away, or is taken from where it can be seen.
    await unplug(2);
    await unplug(3);
    await mkdir(join(source, 'c'));
    for (const name of await readdir(join(place(1), 'c')))
      await rename(join(place(1), 'c', name), join(source, 'c', name));
    await bench.vault.start();
    await h()['vault.list']({ folder: 'root', sort: 'name', descending: false, offset: 0, limit: 9 }, testContext());
    await h()
      ['vault.purge']({}, testContext())
      .catch(() => {});
    expect(await dataShards(1)).toEqual(before);
    await bench.vault.stop();
    for (const name of await readdir(join(source, 'c')))
      await rename(join(source, 'c', name), join(place(1), 'c', name));
    await plug(2);
    await plug(3);
    await bench.vault.start();
    await same('old', 1);
    await same('new', 3, long);
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('gives the room back when every place is here and says that nothing is newer', async () => {
    await put('old', 1);
    const before = await dataShards(1);
    let dead = false;
    at = (point) => {
      dead ||= point === when;
      if (dead) throw new Error('killed here');
    };
    await put('new', 3, long).catch(() => {});
    at = () => {};
    await bench.restart();
    await h()['vault.repair']({}, testContext());
    expect(await dataShards(1)).toEqual(before);
  });
});

it('a header on a place that tells of shards longer than any pack has is not read by', async () => {
  await put('f', 1);
  await bench.vault.stop();
  const id = 'cd'.repeat(16);
  const mark = JSON.parse(await readFile(join(place(1), 'hypha-place.json'), 'utf8')) as { vault: string };
  const shardLength = 16 * 1024 * 1024;
  const header = {
    kind: packKinds.base,
    k: 2,
    m: 1,
    vaultId: Buffer.from(mark.vault, 'hex'),
    packId: Buffer.from(id, 'hex'),
    epoch: 1,
    shardLength,
    payload: 2 * shardLength,
    part: 0,
    parts: 1,
    generation: 1000,
    previous: 0,
  };
  for (const index of [0, 1, 2]) {
    const path = join(place(index + 1), 'c', `${id}.0${index}`);
    await writeFile(path, encodeShardHeader({ ...header, index }));
    await truncate(path, headerBytes + shardLength + tagBytes);
  }
  // A place that lies about a pack that is there does not hide it either.
  const [real = ''] = (await readdir(join(place(1), 'c'))).filter((name) => !name.startsWith(id));
  const bytes = await readFile(join(place(1), 'c', real));
  bytes.writeUInt32LE(99, 60);
  bytes.writeUInt32LE(100, 64);
  await writeFile(join(place(1), 'c', real), bytes);
  for (const name of await readdir(local())) if (name.startsWith('catalogue.db')) await rm(join(local(), name));
  reads = [];
  await bench.vault.start();
  await same('f', 1);
  expect(reads.filter(({ name }) => name.includes(id)).every(({ length }) => length === headerBytes)).toBe(true);
  expect(await h()['vault.verify']({}, testContext())).toMatchObject({ damagedFiles: 0 });
});
