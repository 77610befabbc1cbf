import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

const day = 24 * 60 * 60 * 1000;
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
const places = () => join(bench.home, 'places');
const put = async (name: string, seed: number): Promise<void> => {
  await writeFile(join(source, name), noise(300_000, seed));
  await h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'both' }, testContext());
};
const same = async (name: string, seed: number): Promise<void> => {
  const { id } = await h()['vault.get']({ item: name }, testContext());
  const read = await readAll(h()['vault.read']({ item: id, offset: 0 }, testContext()));
  expect(read.equals(noise(300_000, seed))).toBe(true);
};
const purge = async (name: string): Promise<number> => {
  await h()['vault.bin']({ items: [(await h()['vault.get']({ item: name }, testContext())).id] }, testContext());
  return (await h()['vault.purge']({}, testContext())).freed;
};
const shards = async (): Promise<string[]> =>
  (await readdir(places(), { recursive: true })).filter((n) => /[\\/]p[\\/].*\.\d\d$/.test(n)).sort();
const repair = async (): Promise<number> => (await h()['vault.repair']({}, testContext())).freed ?? 0;
const later = (days: number): void => bench.host.setNow(bench.host.now() + days * day);

/** Shards of a file that was stored and is known to nobody afterwards, put back where they lay by what this returns. */
const orphan = async (name: string, seed: number): Promise<{ names: string[]; back(): Promise<void> }> => {
  const before = await shards();
  await put(name, seed);
  const names = (await shards()).filter((n) => !before.includes(n));
  for (const n of names) {
    await mkdir(dirname(join(source, 'kept', n)), { recursive: true });
    await cp(join(places(), n), join(source, 'kept', n));
  }
  return { names, back: () => cp(join(source, 'kept'), places(), { recursive: true }) };
};
const loseCatalogue = async (): Promise<void> => {
  await bench.vault.stop();
  for (const name of await readdir(join(bench.home, 'vault'))) {
    if (name.startsWith('catalogue.db')) await rm(join(bench.home, 'vault', name));
  }
};

describe('shards that no catalogue knows', () => {
  it('of packs that were dropped are removed at once, also after a rebuild', async () => {
    await put('f', 1);
    const left = await orphan('g', 3);
    await purge('g');
    await left.back();
    expect(await repair()).toBeGreaterThan(300_000);
    expect((await shards()).some((n) => left.names.includes(n))).toBe(false);
    await left.back();
    await loseCatalogue();
    await bench.vault.start();
    await same('f', 1);
    expect(await repair()).toBeGreaterThan(300_000);
    expect((await shards()).some((n) => left.names.includes(n))).toBe(false);
    await same('f', 1);
  });

  it('of a file that was purged while a place was away go when it is back', async () => {
    await put('f', 1);
    await put('g', 3);
    await rename(join(places(), '2'), join(source, 'away'));
    await purge('g').catch(() => {});
    await rename(join(source, 'away'), join(places(), '2'));
    await repair();
    const known = await h()['vault.verify']({}, testContext());
    const all = (await readdir(places(), { recursive: true })).filter((n) => /\.\d\d$/.test(n));
    expect(all).toHaveLength(known.checked);
    await same('f', 1);
  });

  it('after a rebuild are removed only when all is here and thirty days went by', async () => {
    await put('f', 1);
    const left = await stranded();
    expect(await repair()).toBe(0);
    later(29);
    expect(await repair()).toBe(0);
    later(2);
    // A place is away: it may know more.
    await rename(join(places(), '2'), join(source, 'away'));
    await mkdir(join(places(), '2'));
    await writeFile(join(places(), '2', 'something'), '');
    await expect(repair()).rejects.toMatchObject({ code: 'NOT_ENOUGH_PLACES' });
    expect((await shards()).some((n) => left.includes(n))).toBe(true);
    // Made again it knows nothing: the wait begins anew.
    await rm(join(places(), '2'), { recursive: true });
    expect(await repair()).toBe(0);
    expect((await shards()).some((n) => left.includes(n))).toBe(true);
    later(29);
    expect(await repair()).toBe(0);
    later(2);
    expect(await repair()).toBeGreaterThan(200_000);
    expect((await shards()).some((n) => left.includes(n))).toBe(false);
    await same('f', 1);
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('are left alone while a newer catalogue lies there unread, and when they are of another vault', async () => {
    await put('f', 1);
    const left = await stranded();
    await repair();
    later(31);
    // A header of a later catalogue, of which nothing else is here.
    const catalogues = (await readdir(join(places(), '1', 'c'))).sort();
    const name = catalogues[0] ?? '';
    const bytes = await readFile(join(places(), '1', 'c', name));
    const id = 'ee'.repeat(16);
    Buffer.from(id, 'hex').copy(bytes, 32);
    bytes.writeUIntLE(1_000_000, 68, 6);
    const newer = join(places(), '1', 'c', `${id}${name.slice(32)}`);
    await writeFile(newer, bytes);
    expect(await repair()).toBe(0);
    await rm(newer);
    for (const n of left) {
      const shard = await readFile(join(places(), n));
      shard.fill(7, 16, 32);
      await writeFile(join(places(), n), shard);
    }
    expect(await repair()).toBe(0);
    expect((await shards()).filter((n) => left.includes(n))).toEqual(left);
  });

  it('that a newer catalogue needs stay, when an old copy came back and the newer could not be read', async () => {
    await put('f', 1);
    await bench.restart();
    const copy = await readFile(join(bench.home, 'vault', 'catalogue.db.copy'));
    const left = await orphan('g', 3);
    await loseCatalogue();
    await writeFile(join(bench.home, 'vault', 'catalogue.db.copy'), copy);
    // Two of three shards of every newer catalogue are away; so is what they say of g.
    const spoilt: [string, Buffer][] = [];
    for (const n of ['1', '2']) {
      for (const name of await readdir(join(places(), n, 'c'))) {
        const path = join(places(), n, 'c', name);
        const bytes = await readFile(path);
        spoilt.push([path, Buffer.from(bytes)]);
        bytes.fill(0, 90);
        await writeFile(path, bytes);
      }
    }
    await bench.vault.start();
    await same('f', 1);
    await h()['vault.status']({}, testContext());
    await h()
      ['vault.repair']({}, testContext())
      .catch(() => {});
    later(40);
    await h()
      ['vault.repair']({}, testContext())
      .catch(() => {});
    later(40);
    await h()
      ['vault.repair']({}, testContext())
      .catch(() => {});
    expect((await shards()).filter((n) => left.names.includes(n))).toEqual(left.names);
    await same('f', 1);
  });
});

describe('whatever happens', () => {
  it.each([1, 2, 3])('never removes a shard that a file needs (seed %i)', async (seed) => {
    const fc = await import('fast-check');
    const steps = fc.sample(fc.nat(7), { seed, numRuns: 16 });
    const files = new Map<string, number>();
    const old = join(source, 'old.db');
    const database = join(bench.home, 'vault', 'catalogue.db');
    const begin = async (): Promise<void> => {
      await bench.vault.start();
      // The first call that needs the catalogue waits until it has caught up.
      await Promise.resolve(h()['vault.get']({ item: 'none' }, testContext())).catch(() => {});
    };
    for (const [i, step] of [0, ...steps].entries()) {
      if (step <= 1) {
        await put(`f${i}`, 2 * (seed * 100 + i) + 1);
        files.set(`f${i}`, 2 * (seed * 100 + i) + 1);
      } else if (step === 2) {
        const [name] = files.keys();
        if (name) await purge(name);
        files.delete(name ?? '');
      } else if (step === 3) {
        // The database of now, or the one of then, and all shards of then.
        await bench.vault.stop();
        await cp(database, old);
        await cp(places(), join(source, 'then'), { recursive: true, force: true });
        await begin();
      } else if (step === 4) {
        await loseCatalogue();
        const then = i % 2 === 0 && (await readFile(old).catch(() => null));
        if (then) await writeFile(database, then);
        await begin();
      } else if (step === 5) {
        for (const n of ['1', '2', '3']) {
          const p = join(source, 'then', n, 'p');
          await cp(p, join(places(), n, 'p'), { recursive: true, force: false }).catch(() => {});
        }
      } else if (step === 6) {
        await rename(join(places(), '2'), join(source, 'away'));
        await h()
          ['vault.repair']({}, testContext())
          .catch(() => {});
        await rm(join(places(), '2'), { recursive: true, force: true });
        await rename(join(source, 'away'), join(places(), '2'));
        await repair();
      } else {
        await repair();
        later(31);
        await repair();
      }
      for (const [name, content] of files) await same(name, content);
    }
    expect(await h()['vault.repair']({}, testContext())).toMatchObject({ unrepairable: 0 });
  });
});

/** Shards that were stored whole, of which a catalogue rebuilt from the places has never heard. */
async function stranded(): Promise<string[]> {
  const c = join(source, 'c');
  await bench.vault.stop();
  await bench.vault.start();
  await same('f', 1);
  for (const n of ['1', '2', '3']) await cp(join(places(), n, 'c'), join(c, n), { recursive: true });
  const left = await orphan('g', 3);
  await loseCatalogue();
  // As after a crash before the catalogue was copied to the places.
  for (const n of ['1', '2', '3']) {
    await rm(join(places(), n, 'c'), { recursive: true });
    await cp(join(c, n), join(places(), n, 'c'), { recursive: true });
  }
  await bench.vault.start();
  await same('f', 1);
  return left.names;
}
