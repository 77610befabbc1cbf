import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PlaceId } from '#shared/model/ids.ts';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';
import { memoryServers } from './testing/memory-places.ts';

let servers: ReturnType<typeof memoryServers>;
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
const s3 = (n: number) =>
  ({ kind: 's3', endpoint: `https://s${n}.example.org`, bucket: 'box', accessKeyId: 'AK' }) as const;
const where = (n: number): string => `s${n}.example.org/box`;
const right = { secretKey: 'right' };
const profile = { k: 2, m: 1 };
const setUp = (count = 3) => {
  const list = Array.from({ length: count }, (_, i) => s3(i + 1));
  return h()['vault.setup']({ profile, places: list, credentials: list.map(() => right) }, testContext());
};
const put = async (name: string, seed: number): Promise<void> => {
  await writeFile(join(source, name), noise(300_000, seed));
  await h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'both' }, testContext());
};
const same = async (name: string, seed: number): Promise<void> => {
  const read = h()['vault.read']({ item: `/${name}`, offset: 0 }, testContext());
  expect(Buffer.compare(await readAll(read), noise(300_000, seed))).toBe(0);
};
const status = () => h()['vault.status']({}, testContext());
const places = async () => (await h()['vault.places']({}, testContext())).places;
const healths = async () => (await places()).map((p) => p.health);
const idOf = async (n: number) => (await places()).find((p) => p.path === where(n))?.id as PlaceId;

describe('places on servers', () => {
  it('keep files, lose what the profile allows, and are repaired', async () => {
    await setUp(4);
    await put('f', 1);
    await same('f', 1);
    expect(await status()).toMatchObject({ survivesPlaces: 1, survivesDevices: 1, devices: 4, safety: 'safe' });
    const lost = servers.at(where(2));
    lost.files.clear();
    lost.identity = null;
    await same('f', 1);
    expect((await places())[1]).toMatchObject({ health: 'missing', problem: { code: 'EMPTIED' } });
    await h()['vault.repair']({}, testContext());
    expect(await healths()).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('are away until the person unlocks after a restart, and count as lost to nobody', async () => {
    await setUp();
    await put('f', 2);
    bench.keys.set(null);
    await bench.restart();
    expect(await healths()).toEqual(['locked', 'locked', 'locked']);
    expect((await places())[0]?.problem?.text).toContain('away until you unlock');
    expect(await status()).toMatchObject({ missingShards: 0, safety: 'safe', survivesPlaces: 1 });
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0, damagedFiles: 0 });
    const before = servers.at(where(1)).files.size;
    expect(await h()['vault.repair']({}, testContext())).toMatchObject({ rebuilt: 0, unrepairable: 0 });
    expect(servers.at(where(1)).files.size).toBe(before);
    bench.keys.set(new Uint8Array(32).fill(42));
    await same('f', 2);
    expect(await healths()).toEqual(['ok', 'ok', 'ok']);
  });

  it('lose their connections with the keys, once the last copy is made', async () => {
    await setUp();
    await put('f', 3);
    await h()['vault.makeFolder']({ parent: 'root', name: 'late' }, testContext());
    bench.keys.set(null);
    await vi.waitFor(() => expect(servers.at(where(1)).connections).toBe(0), 10_000);
    expect(await healths()).toEqual(['locked', 'locked', 'locked']);
    // The folder made a moment before went along: another computer finds it.
    const other = await openBench({ openRemote: servers.openRemote });
    const list = [s3(1), s3(2), s3(3)];
    await other.vault.handlers['vault.setup'](
      { profile, places: list, credentials: list.map(() => right) },
      testContext(),
    );
    expect(await other.vault.handlers['vault.get']({ item: '/late' }, testContext())).toBeTruthy();
    await other.close();
  });

  it('come back on an empty machine from the phrase and as many as are needed, with the others and what opens them', async () => {
    await setUp();
    await put('f', 4);
    await bench.vault.stop();
    await rm(bench.home, { recursive: true, force: true });
    bench = await openBench({ openRemote: servers.openRemote });
    await h()['vault.setup'](
      { profile: { k: 4, m: 2 }, places: [s3(1), s3(3)], credentials: [right, right] },
      testContext(),
    );
    await same('f', 4);
    expect((await places()).map((p) => [p.path, p.health]).toSorted()).toEqual([
      [where(1), 'ok'],
      [where(2), 'ok'],
      [where(3), 'ok'],
    ]);
  });

  it('bring back a lost catalogue by the list beside it, in which nothing secret is to be read', async () => {
    await setUp();
    await put('f', 5);
    await bench.vault.stop();
    const list = await readFile(join(bench.home, 'vault', 'places.json'), 'utf8');
    expect(list).toContain('s1.example.org');
    expect(list).not.toContain('right');
    for (const name of ['catalogue.db', 'catalogue.db.good', 'catalogue.db-wal', 'catalogue.db-shm'])
      await rm(join(bench.home, 'vault', name), { force: true });
    await bench.vault.start();
    await same('f', 5);
    expect(await healths()).toEqual(['ok', 'ok', 'ok']);
  });

  it('say when a password is wrong, and take a new one', async () => {
    await setUp();
    await put('f', 6);
    servers.at(where(1)).password = 'another';
    expect((await places())[0]).toMatchObject({ health: 'missing', problem: { code: 'REFUSED' } });
    const place = await idOf(1);
    const change = (secretKey: string) => h()['vault.changePlace']({ place, secretKey }, testContext());
    await expect(change('wrong too')).rejects.toMatchObject({
      code: 'BAD_PLACE',
      message: expect.stringContaining('password is wrong'),
    });
    await change('another');
    expect(await healths()).toEqual(['ok', 'ok', 'ok']);
    await bench.restart();
    await same('f', 6);
    expect(await healths()).toEqual(['ok', 'ok', 'ok']);
  });

  it('are used again when a server that was away at the start is back', async () => {
    await setUp(4);
    await put('f', 7);
    servers.at(where(2)).away = true;
    await bench.restart();
    await same('f', 7);
    expect((await places())[1]).toMatchObject({ health: 'missing', problem: { code: 'SILENT' } });
    await put('g', 8);
    servers.at(where(2)).away = false;
    expect(await h()['vault.repair']({}, testContext())).toMatchObject({ unrepairable: 0 });
    expect(await status()).toMatchObject({ missingShards: 0, survivesPlaces: 1 });
  });

  it('are added and tested without writing, refused with a reason, and never one in another', async () => {
    await setUp();
    const test = (input: object) => h()['vault.testPlace'](input, testContext());
    expect(await test({ ...s3(4), ...right })).toMatchObject({ found: 'usable', path: where(4) });
    expect(servers.at(where(4)).identity).toBeNull();
    expect(await test({ ...s3(4), secretKey: 'wrong' })).toMatchObject({ found: 'refused' });
    expect(await test({ ...s3(1), ...right })).toMatchObject({ found: 'here' });
    expect(await test({ place: await idOf(1) })).toMatchObject({ found: 'here' });
    const add = (input: object) => h()['vault.addPlace'](input, testContext());
    await expect(add({ ...s3(4), secretKey: 'wrong' })).rejects.toMatchObject({ code: 'BAD_PLACE' });
    await expect(add({ ...s3(1), ...right })).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    await expect(add({ ...s3(1), prefix: 'p', ...right })).rejects.toMatchObject({ code: 'BAD_PLACE' });
    const { place } = await add({ ...s3(4), ...right, name: 'Attic', owner: 'Ann', site: 'her attic', limitMiB: 100 });
    expect(place).toMatchObject({ name: 'Attic', owner: 'Ann', site: 'her attic', limit: 100 * 2 ** 20, health: 'ok' });
    expect(JSON.stringify(place)).not.toContain('right');
  });

  it('stay below the limit that was set for them', async () => {
    await setUp(4);
    for (const n of [1, 2]) await h()['vault.changePlace']({ place: await idOf(n), limitMiB: 17 }, testContext());
    const big = async (n: number) => {
      await writeFile(join(source, `big${n}`), noise(1_500_000, 100 + 2 * n));
      await h()['vault.put']({ paths: [join(source, `big${n}`)], into: 'root', clash: 'both' }, testContext());
    };
    // Each takes 768 KiB of one of the two; the last 16 MiB are for the catalogue.
    for (const n of [1, 2, 3, 4]) await big(n);
    for (const n of [1, 2]) {
      const place = (await places()).find((p) => p.path === where(n));
      expect(place).toMatchObject({ health: 'full', problem: { code: 'LIMIT' } });
      expect(place?.used).toBeLessThan(2 * 2 ** 20);
    }
    await expect(big(5)).rejects.toMatchObject({ code: 'DISK_FULL' });
    await h()['vault.changePlace']({ place: await idOf(1), limitMiB: 0 }, testContext());
    await big(6);
  });

  it('tell what a loss of a site or of one person would come to', async () => {
    await setUp(4);
    await put('f', 9);
    const change = async (n: number, more: object) =>
      h()['vault.changePlace']({ place: await idOf(n), ...more }, testContext());
    await change(1, { site: 'home' });
    await change(2, { site: 'home' });
    await change(4, { owner: 'Ann' });
    const { domains } = await status();
    expect(domains).toContainEqual({ kind: 'owner', name: 'Ann', places: 1, survives: true });
    expect(domains.find((d) => d.kind === 'site')).toMatchObject({ name: 'home', places: 2 });
    // Which of the four hold a pack is drawn by chance: it survives as long as no pack lost more than one shard.
    const atHome = [1, 2].flatMap((n) => [...servers.at(where(n)).files.keys()].filter((name) => /\.\d\d$/.test(name)));
    const packs = new Set(atHome.map((name) => name.slice(0, -3)));
    expect(domains.find((d) => d.kind === 'site')?.survives).toBe(packs.size === atHome.length);
  });

  it('are left behind empty', async () => {
    await setUp(4);
    await put('f', 10);
    await h()['vault.removePlace']({ place: await idOf(1) }, testContext());
    expect(servers.at(where(1))).toMatchObject({ identity: null, connections: 0 });
    expect(servers.at(where(1)).files.size).toBe(0);
    await same('f', 10);
  });
});
