import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from '../testing/harness.ts';
import { type MemoryServers, memoryServers } from '../testing/memory-places.ts';

let servers: MemoryServers;
let bench: Bench;
let source: string;
beforeEach(async () => {
  servers = memoryServers();
  bench = await openBench({ openRemote: servers.openRemote });
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  const places = [1, 2, 3].map(
    (n) => ({ kind: 's3', endpoint: `https://s${n}.example.org`, bucket: 'box', accessKeyId: 'AK' }) as const,
  );
  const credentials = places.map(() => ({ secretKey: 'right' }));
  await h()['vault.setup']({ profile: { k: 2, m: 1 }, places, credentials }, testContext());
  await put('old', 1);
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const put = async (name: string, seed: number): Promise<void> => {
  await writeFile(join(source, name), noise(40_000, seed));
  await h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'replace' }, testContext());
};
const names = async (): Promise<string[]> => {
  const input = { folder: 'root', sort: 'name', descending: false, offset: 0, limit: 9 } as const;
  return (await h()['vault.list'](input, testContext())).items.map(({ name }) => name);
};
const same = async (name: string, seed: number): Promise<void> => {
  const read = h()['vault.read']({ item: `/${name}`, offset: 0 }, testContext());
  expect(Buffer.compare(await readAll(read), noise(40_000, seed))).toBe(0);
};
const codes = async (): Promise<string[]> =>
  ((await h()['vault.status']({}, testContext())).notices ?? []).map(({ code }) => code);
type Image = Map<string, Uint8Array>[];
const all = () => [1, 2, 3].map((n) => servers.at(`s${n}.example.org/box`).files);
const image = (): Image => all().map((files) => new Map(files));
const add = (images: Image): void => {
  for (const [i, files] of all().entries()) for (const [name, bytes] of images[i] ?? []) files.set(name, bytes);
};
const setBack = (images: Image): void => {
  for (const files of all()) files.clear();
  add(images);
};
const copiesOf = (images: Image): Set<string> =>
  new Set(images.flatMap((files) => [...files.keys()].filter((name) => name.startsWith('c/'))));
/** The catalogue is lost, and read from the places again. */
const loseCatalogue = async (meanwhile: () => void = () => {}): Promise<void> => {
  await bench.vault.stop();
  meanwhile();
  for (const suffix of ['', '-wal', '-shm', '.copy'])
    await rm(join(bench.home, 'vault', `catalogue.db${suffix}`), { force: true });
  await bench.vault.start();
  await names().catch(() => {});
};
const kit = async (): Promise<string> => (await h()['vault.kit']({}, testContext())).text;
/** Another computer, with the words. */
const burn = async (): Promise<void> => {
  await bench.close();
  bench = await openBench({ openRemote: servers.openRemote });
};
const recover = (text: string, othersLost = false) =>
  h()['vault.recover']({ kit: text, ...(othersLost ? { othersLost } : {}) }, testContext());

describe('copies of different states together', () => {
  /** Two ways on from one state: the places were put back after the first, and what it wrote comes to lie beside the second. */
  const twoWays = async (): Promise<{ first: Image }> => {
    const start = image();
    await put('first', 3);
    await put('first too', 5);
    const first = image();
    await loseCatalogue(() => setBack(start));
    await put('second', 7);
    return { first };
  };

  it('are told where the catalogue is read again: what fits together counts, and nothing is deleted', async () => {
    const { first } = await twoWays();
    expect(await names()).toEqual(['old', 'second']);
    await loseCatalogue(() => add(first));
    expect(await codes()).toContain('VAULT_MIXED_STATES');
    const shown = await names();
    // One of the two, and not some of each.
    expect([
      ['first', 'first too', 'old'],
      ['old', 'second'],
    ]).toContainEqual(shown);
    for (const name of shown) await same(name, { first: 3, 'first too': 5, old: 1, second: 7 }[name] ?? 0);
    await put('later', 9);
    await h()
      ['vault.purge']({}, testContext())
      .catch(() => {});
    await same('later', 9);
    const now = copiesOf(image());
    for (const name of copiesOf(first)) expect(now).toContain(name);
  });

  it('are refused on an empty computer, until the person wants what fits together', async () => {
    const { first } = await twoWays();
    const text = await kit();
    add(first);
    await burn();
    await expect(recover(text)).rejects.toMatchObject({
      code: 'NOT_ENOUGH_PLACES',
      message: expect.stringContaining('do not belong together'),
      next: expect.stringContaining('--others-lost'),
    });
    expect((await h()['vault.status']({}, testContext())).state).toBe('none');
    await recover(text, true);
    await same('old', 1);
    expect(await codes()).toContain('VAULT_MIXED_STATES');
  });
});

describe('places that all went back, where a recovery kit knows better', () => {
  it('are told with both dates, and taken only when the person says that there is nothing newer', async () => {
    const then = image();
    const date = (): string => new Date(bench.host.now()).toISOString().slice(0, 10);
    const before = date();
    bench.host.setNow(bench.host.now() + 3 * 24 * 60 * 60_000);
    await put('new', 3);
    const newer = image();
    const after = date();
    const text = await kit();
    await burn();
    setBack(then);
    for (const day of [before, after]) {
      await expect(recover(text)).rejects.toMatchObject({
        code: 'NOT_ENOUGH_PLACES',
        message: expect.stringContaining(day),
        next: expect.stringContaining('older'),
      });
    }
    expect((await h()['vault.status']({}, testContext())).state).toBe('none');
    await recover(text, true);
    expect(await names()).toEqual(['old']);
    expect(await codes()).toContain('VAULT_OLDER_THAN_KIT');
    await put('later', 9);
    // It outlives a restart; and what is newer is no part of this state when it turns up.
    await bench.restart();
    expect(await codes()).toContain('VAULT_OLDER_THAN_KIT');
    await loseCatalogue(() => add(newer));
    expect(await names()).toEqual(['later', 'old']);
  });

  it('say nothing when they show that state or a later one', async () => {
    const text = await kit();
    await put('new', 3);
    await burn();
    await recover(text);
    await same('new', 3);
    const notices = await codes();
    expect(notices.filter((code) => code !== 'VAULT_REBUILT')).toEqual([]);
  });

  it('and a rehearsal with that kit fails', async () => {
    const then = image();
    await put('new', 3);
    const text = await kit();
    setBack(then);
    const rehearsal = await h()['vault.rehearse']({ files: 2, kit: text }, testContext());
    expect(rehearsal).toMatchObject({ ok: false, problem: expect.stringContaining('older state') });
  });
});

it('a place that numbers its copies anew stops nobody from reading the others', async () => {
  await put('new', 3);
  const text = await kit();
  const [files] = all();
  let raised = 0;
  for (const [name, bytes] of files ?? []) {
    if (!name.startsWith('c/')) continue;
    const changed = Buffer.from(bytes);
    changed.writeUInt32LE(1_000_000, 68);
    files?.set(name, changed);
    raised++;
  }
  expect(raised).toBeGreaterThan(0);
  await burn();
  await recover(text);
  await same('new', 3);
  await same('old', 1);
});

it('are signed with everything, and else when none was for ten minutes', async () => {
  const signed = (): number => {
    const db = new DatabaseSync(join(bench.home, 'vault', 'catalogue.db'), { readOnly: true });
    try {
      return (db.prepare('SELECT signed FROM heads').get() as { signed: number }).signed;
    } finally {
      db.close();
    }
  };
  const first = signed();
  expect(first).toBeGreaterThan(0);
  await put('a', 3);
  expect(signed()).toBe(first);
  bench.host.setNow(bench.host.now() + 11 * 60_000);
  await put('b', 5);
  expect(signed()).toBeGreaterThan(first);
  await loseCatalogue();
  for (const [name, seed] of [
    ['a', 3],
    ['b', 5],
    ['old', 1],
  ] as const)
    await same(name, seed);
});
