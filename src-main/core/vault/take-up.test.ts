import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

let old: Bench;
let bench: Bench;
let outside: string;
let places: string[];
beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), 'hypha-outside-'));
  places = ['a', 'b', 'c'].map((name) => join(outside, name));
  old = await openBench();
  await old.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 }, paths: places }, testContext());
  await put(old, 'f', noise(300_000, 1));
  await old.vault.stop();
  bench = await openBench();
});
afterEach(async () => {
  await bench.close();
  await rm(old.home, { recursive: true, force: true });
  await rm(outside, { recursive: true, force: true });
});

const put = async (to: Bench, name: string, bytes: Uint8Array): Promise<void> => {
  await writeFile(join(outside, name), bytes);
  await to.vault.handlers['vault.put']({ paths: [join(outside, name)], into: 'root', clash: 'both' }, testContext());
};
const h = () => bench.vault.handlers;
const setup = (paths?: string[], more: { othersLost?: boolean } = {}) =>
  h()['vault.setup']({ profile: { k: 2, m: 1 }, ...(paths ? { paths } : {}), ...more }, testContext());
const status = () => h()['vault.status']({}, testContext());
const read = async (name: string): Promise<Buffer> => {
  const { id } = await h()['vault.get']({ item: name }, testContext());
  return readAll(h()['vault.read']({ item: id, offset: 0 }, testContext()));
};
const isWhole = async (): Promise<void> => {
  expect(Buffer.compare(await read('f'), noise(300_000, 1))).toBe(0);
  expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
};

describe('set-up with places of an earlier vault', () => {
  it('of which too few were named fails whole, and all of them are taken up afterwards', async () => {
    const fresh = join(outside, 'fresh');
    const there = join(outside, 'there');
    await mkdir(there);
    await expect(setup([places[0] ?? '', fresh, there])).rejects.toMatchObject({
      code: 'NOT_ENOUGH_PLACES',
      message: expect.stringMatching(/a place of your vault, which needs at least 2 of its places/),
      next: 'Connect more of them and name them all.',
    });
    expect((await status()).state).toBe('none');
    expect((await readdir(outside)).sort()).toEqual(['a', 'b', 'c', 'f', 'there']);
    expect(await readdir(there)).toEqual([]);
    await bench.restart();
    expect((await status()).state).toBe('none');
    expect(await setup(places)).toMatchObject({ state: 'ready', files: 1 });
    await isWhole();
    expect(await readdir(join(bench.home, 'vault'))).not.toContain('looking');
  });

  it('in the data directory says so too, and makes no empty vault', async () => {
    await bench.vault.stop();
    await mkdir(join(bench.home, 'places'));
    await cp(places[0] ?? '', join(bench.home, 'places', '1'), { recursive: true });
    await bench.vault.start();
    await expect(setup()).rejects.toMatchObject({ code: 'NOT_ENOUGH_PLACES' });
    expect((await status()).state).toBe('none');
  });

  it('is whole with those that are enough to read it, though they are too few to write to', async () => {
    expect(await setup(places.slice(0, 2))).toMatchObject({ state: 'ready', files: 1 });
    expect(Buffer.compare(await read('f'), noise(300_000, 1))).toBe(0);
    await bench.restart();
    expect(Buffer.compare(await read('f'), noise(300_000, 1))).toBe(0);
  });

  it('fails whole when the newest changes cannot be read, unless the other places are lost for good', async () => {
    // What was deleted here bears the newest copy of the catalogue; the base before it stays readable.
    await old.vault.start();
    const before = new Map<string, string[]>();
    for (const path of places) before.set(path, await readdir(join(path, 'c')));
    await put(old, 'g', noise(200_000, 3));
    await old.vault.stop();
    let left = 1;
    for (const path of places) {
      for (const name of await readdir(join(path, 'c'))) {
        if (before.get(path)?.includes(name) || left-- > 0) continue;
        await rm(join(path, 'c', name));
      }
    }
    await expect(setup(places)).rejects.toMatchObject({
      code: 'NOT_ENOUGH_PLACES',
      next: expect.stringContaining('--others-lost'),
    });
    expect((await status()).state).toBe('none');
    expect(await setup(places, { othersLost: true })).toMatchObject({ state: 'ready', files: 1 });
  });

  it('is told of a place that holds nothing yet, too', async () => {
    const spare = join(outside, 'spare');
    await old.vault.start();
    await old.vault.handlers['vault.addPlace']({ path: spare }, testContext());
    await old.vault.stop();
    await rm(join(spare, 'c'), { recursive: true, force: true });
    await expect(setup([spare])).rejects.toMatchObject({ code: 'NOT_ENOUGH_PLACES' });
    expect((await status()).state).toBe('none');
    expect(await setup([spare, ...places])).toMatchObject({ state: 'ready', files: 1 });
  });

  it('starts anew over marks that a set-up left that was cut short', async () => {
    for (const path of places.slice(1)) {
      await rm(join(path, 'c'), { recursive: true, force: true });
      await rm(join(path, 'p'), { recursive: true, force: true });
    }
    await rm(places[0] ?? '', { recursive: true });
    expect(await setup(places)).toMatchObject({ state: 'ready', files: 0 });
    await put(bench, 'g', noise(100_000, 5));
    await bench.restart();
    expect((await read('g')).length).toBe(100_000);
  });
});

describe('an empty vault', () => {
  it('gives way to an earlier one, which a place of it says when it is added', async () => {
    await setup();
    await expect(h()['vault.addPlace']({ path: places[0] ?? '' }, testContext())).rejects.toMatchObject({
      code: 'BAD_PLACE',
      message: expect.stringContaining('belongs to an earlier vault of yours'),
      next: expect.stringContaining('hypha vault setup'),
    });
    await expect(setup(places.slice(0, 1))).rejects.toMatchObject({ code: 'NOT_ENOUGH_PLACES' });
    expect((await status()).state).toBe('ready');
    expect(await setup(places)).toMatchObject({ state: 'ready', files: 1 });
    await isWhole();
    // The directories of the empty one are free again.
    await h()['vault.addPlace']({ path: join(bench.home, 'places', '1') }, testContext());
    await bench.restart();
    await isWhole();
    expect((await h()['vault.places']({}, testContext())).places).toHaveLength(4);
  });

  it('stays when there is no other, and once it holds anything', async () => {
    await setup();
    await expect(setup([join(outside, 'x')])).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(setup()).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await put(bench, 'mine', noise(50_000, 7));
    const merge = { code: 'BAD_PLACE', meaning: expect.stringContaining('cannot be merged yet') };
    await expect(setup(places)).rejects.toMatchObject(merge);
    await expect(h()['vault.addPlace']({ path: places[0] ?? '' }, testContext())).rejects.toMatchObject(merge);
    await h()['vault.bin']({ items: ['mine'] }, testContext());
    await expect(setup(places)).rejects.toMatchObject(merge);
    expect((await status()).state).toBe('ready');
  });
});

it('a set-up whose places take nothing leaves nothing behind', async () => {
  const put = () => Promise.reject(new Error('the disk is broken'));
  await bench.restart({ wrapStore: (store) => ({ ...store, put }) });
  await expect(setup()).rejects.toMatchObject({
    code: 'NOT_ENOUGH_PLACES',
    meaning: expect.stringContaining('No vault was set up'),
  });
  expect((await status()).state).toBe('none');
  expect(await readdir(bench.home)).not.toContain('places');
  await bench.restart({});
  expect(await setup()).toMatchObject({ state: 'ready', files: 0 });
});
