import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from '../testing/harness.ts';
import { type MemoryServers, memoryServers } from '../testing/memory-places.ts';

let servers: MemoryServers;
let bench: Bench;
let source: string;
beforeEach(async () => {
  servers = memoryServers();
  bench = await openBench({ openRemote: servers.openRemote });
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const where = (n: number): string => `s${n}.example.org/box`;
const setUp = async (count: number): Promise<void> => {
  const list = Array.from(
    { length: count },
    (_, i) => ({ kind: 's3', endpoint: `https://s${i + 1}.example.org`, bucket: 'box', accessKeyId: 'AK' }) as const,
  );
  const credentials = list.map(() => ({ secretKey: 'right' }));
  await h()['vault.setup']({ profile: { k: 2, m: 1 }, places: list, credentials }, testContext());
};
const put = async (name: string, seed: number): Promise<void> => {
  await writeFile(join(source, name), noise(300_000, seed));
  await h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'replace' }, testContext());
};
const same = async (name: string, seed: number): Promise<void> => {
  const read = h()['vault.read']({ item: `/${name}`, offset: 0 }, testContext());
  expect(Buffer.compare(await readAll(read), noise(300_000, seed))).toBe(0);
};
const minute = 60_000;
/** What the person is told an hour later. */
const told = async (): Promise<{ code: string; text: string }[]> => {
  bench.host.setNow(bench.host.now() + 60 * minute);
  return ((await h()['vault.status']({}, testContext())).notices ?? []).filter(({ code }) =>
    code.endsWith('OLD_STATE'),
  );
};
const image = (n: number) => new Map(servers.at(where(n)).files);
const setBack = (n: number, files: Map<string, Uint8Array>): void => {
  const { files: now } = servers.at(where(n));
  now.clear();
  for (const [name, bytes] of files) now.set(name, bytes);
};
const loseCatalogue = async (meanwhile: () => void = () => {}): Promise<void> => {
  await bench.vault.stop();
  meanwhile();
  for (const suffix of ['', '-wal', '-shm', '.copy'])
    await rm(join(bench.home, 'vault', `catalogue.db${suffix}`), { force: true });
  await bench.vault.start();
};

it('of one place is told, with its dates, until a week after repair has brought it up to date', async () => {
  await setUp(3);
  await put('old', 1);
  const then = image(2);
  const at = new Date(bench.host.now()).toISOString().slice(0, 16).replace('T', ' ');
  expect(await told()).toEqual([]);
  await put('new', 3);
  setBack(2, then);
  const [notice, ...others] = await told();
  expect(others).toEqual([]);
  expect(notice).toMatchObject({ code: 'PLACE_OLD_STATE' });
  expect(notice?.text).toContain(`shows an old state, from ${at} UTC`);
  await same('new', 3);
  expect(await h()['vault.status']({}, testContext())).not.toMatchObject({ missingShards: 0 });
  // It outlives a restart.
  await bench.restart();
  expect(await told()).toEqual([notice]);
  await h()['vault.repair']({}, testContext());
  expect((await told())[0]?.text).toContain('It is up to date again.');
  expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0, damagedFiles: 0 });
  bench.host.setNow(bench.host.now() + 8 * 24 * 60 * minute);
  expect(await told()).toEqual([]);
});

it('of all places together is told too; nothing of it is taken over, and what comes next can be found again', async () => {
  await setUp(3);
  await put('old', 1);
  const then = [1, 2, 3].map(image);
  await put('new', 3);
  for (const n of [1, 2, 3]) setBack(n, then[n - 1] ?? new Map());
  expect((await told()).map(({ code }) => code)).toEqual([
    'VAULT_OLD_STATE',
    'PLACE_OLD_STATE',
    'PLACE_OLD_STATE',
    'PLACE_OLD_STATE',
  ]);
  const { items } = await h()['vault.list'](
    { folder: 'root', sort: 'name', descending: false, offset: 0, limit: 9 },
    testContext(),
  );
  expect(items.map(({ name }) => name)).toEqual(['new', 'old']);
  await same('old', 1);
  expect(await h()['vault.verify']({}, testContext())).toMatchObject({ damagedFiles: 1 });
  await h()
    ['vault.repair']({}, testContext())
    .catch(() => {});
  await put('later', 5);
  await loseCatalogue();
  await same('later', 5);
  await same('old', 1);
});

it('of one place on an empty machine: the newest of all wins, and the place is named', async () => {
  await setUp(3);
  await put('old', 1);
  const then = image(3);
  await put('new', 3);
  await loseCatalogue(() => setBack(3, then));
  await same('new', 3);
  await same('old', 1);
  const notices = await told();
  expect(notices).toHaveLength(1);
  expect(notices[0]).toMatchObject({ code: 'PLACE_OLD_STATE' });
});

it('is not told of places that are as they should be, whatever is done', async () => {
  await setUp(5);
  for (let i = 0; i < 6; i++) {
    await put(`f${i % 3}`, 2 * i + 1);
    if (i % 2 === 0) await h()['vault.repair']({}, testContext());
    if (i === 3) await h()['vault.rotateKeys']({}, testContext());
    await h()['vault.purge']({}, testContext());
    expect(await told()).toEqual([]);
  }
  const { places } = await h()['vault.places']({}, testContext());
  const [first] = places;
  if (first) await h()['vault.removePlace']({ place: first.id }, testContext());
  expect(await told()).toEqual([]);
  servers.at(where(4)).away = true;
  await put('while one is away', 77);
  expect(await told()).toEqual([]);
  servers.at(where(4)).away = false;
  expect(await told()).toEqual([]);
  await loseCatalogue();
  // It is being taken up yet: whoever stores something waits for that, and is not told that there is no vault.
  await put('at once', 79);
  await same('while one is away', 77);
  expect(await told()).toEqual([]);
});
