import { cp, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { identityFile } from './format/place-identity.ts';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

let top: string;
let home: string;
let benches: Bench[];
const bytes = noise(400_000, 1);
const open = async (at: string): Promise<Bench> => {
  const bench = await openBench({ home: at });
  benches.push(bench);
  return bench;
};
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'hypha-moved-'));
  home = join(top, 'home');
  benches = [];
});
afterEach(async () => {
  for (const bench of benches) await bench.close();
  await rm(top, { recursive: true, force: true });
});

const put = async (bench: Bench, name: string, content: Buffer): Promise<void> => {
  await writeFile(join(top, name), content);
  await bench.vault.handlers['vault.put']({ paths: [join(top, name)], into: 'root', clash: 'both' }, testContext());
};
const read = async (bench: Bench, name: string): Promise<Buffer> => {
  const { id } = await bench.vault.handlers['vault.get']({ item: name }, testContext());
  return readAll(bench.vault.handlers['vault.read']({ item: id, offset: 0 }, testContext()));
};
const places = async (bench: Bench) => (await bench.vault.handlers['vault.places']({}, testContext())).places;
const setUp = async (paths?: string[]): Promise<Bench> => {
  const bench = await open(home);
  const input = { profile: { k: 2, m: 1 }, ...(paths ? { paths } : {}) };
  await bench.vault.handlers['vault.setup'](input, testContext());
  await put(bench, 'f', bytes);
  return bench;
};
/** As an earlier release wrote it: every place by its full path. */
const asBefore = async (at: string, places: string): Promise<void> => {
  const db = new DatabaseSync(join(at, 'vault', 'catalogue.db'));
  for (const { id, path } of db.prepare('SELECT id, path FROM places').all() as { id: string; path: string }[]) {
    db.prepare('UPDATE places SET path = ? WHERE id = ?').run(join(places, path.split('/').at(-1) ?? ''), id);
  }
  db.close();
  await rm(join(at, 'vault', 'catalogue.db.copy'), { force: true });
};
const files = async (at: string): Promise<string[]> => (await readdir(at, { recursive: true })).map(String).sort();

describe('a data directory that is moved', () => {
  it('works at once, and its places with it', async () => {
    const first = await setUp();
    await first.vault.stop();
    await rename(home, join(top, 'elsewhere'));
    const bench = await open(join(top, 'elsewhere'));
    expect((await read(bench, 'f')).equals(bytes)).toBe(true);
    const seen = await places(bench);
    expect(seen.map((p) => [p.health, p.path])).toEqual(
      [1, 2, 3].map((n) => ['ok', join(top, 'elsewhere', 'places', `${n}`)]),
    );
    await put(bench, 'g', noise(100_000, 3));
    expect(await readdir(top)).not.toContain('home');
  });

  it('works also when an earlier release wrote its places down by their full paths', async () => {
    const first = await setUp();
    await first.vault.stop();
    await asBefore(home, join(home, 'places'));
    await rename(home, join(top, 'elsewhere'));
    const bench = await open(join(top, 'elsewhere'));
    expect((await read(bench, 'f')).equals(bytes)).toBe(true);
    expect((await places(bench)).map((p) => p.health)).toEqual(['ok', 'ok', 'ok']);
    // The list beside the catalogue follows.
    expect(await readFile(join(top, 'elsewhere', 'vault', 'places.json'), 'utf8')).toContain('"places/1"');
  });

  it('is taken up again with its catalogue lost', async () => {
    const first = await setUp();
    await first.vault.stop();
    await rename(home, join(top, 'elsewhere'));
    const local = join(top, 'elsewhere', 'vault');
    for (const name of await readdir(local)) if (name !== 'places.json') await rm(join(local, name));
    const list = (await readFile(join(local, 'places.json'), 'utf8')).replaceAll('"places/', `"${home}/places/`);
    await writeFile(join(local, 'places.json'), list);
    const bench = await open(join(top, 'elsewhere'));
    expect((await read(bench, 'f')).equals(bytes)).toBe(true);
    expect((await places(bench)).map((p) => p.health)).toEqual(['ok', 'ok', 'ok']);
  });

  it('when it was copied, leaves the places of the original alone', async () => {
    for (const old of [false, true]) {
      const first = await setUp();
      await first.vault.stop();
      if (old) await asBefore(home, join(home, 'places'));
      await cp(home, join(top, 'copy'), { recursive: true });
      const before = await files(join(home, 'places'));
      const bench = await open(join(top, 'copy'));
      await put(bench, 'g', noise(100_000, 5));
      expect(await files(join(home, 'places'))).toEqual(before);
      expect((await places(bench)).every((p) => p.path.startsWith(join(top, 'copy')))).toBe(true);
      await bench.vault.stop();
      await first.vault.start();
      expect((await read(first, 'f')).equals(bytes)).toBe(true);
      expect((await places(first)).every((p) => p.path.startsWith(home) && p.health === 'ok')).toBe(true);
      for (const one of benches.splice(0)) await one.close();
      await rm(join(top, 'copy'), { recursive: true, force: true });
      await rm(home, { recursive: true, force: true });
    }
  });
});

describe('a drive that is connected at another path', () => {
  const at = (n: number): string => join(top, `drive${n}`);

  it('is the same place there, with all that it holds', async () => {
    const bench = await setUp([at(1), at(2), at(3)]);
    const before = await places(bench);
    for (const n of [1, 2]) await rename(at(n), join(top, `mnt${n}`));
    expect((await places(bench)).filter((p) => p.health === 'missing')).toHaveLength(2);
    for (const n of [1, 2]) {
      const { place } = await bench.vault.handlers['vault.addPlace']({ path: join(top, `mnt${n}`) }, testContext());
      expect(place).toMatchObject({
        health: 'ok',
        path: join(top, `mnt${n}`),
        id: before.find((p) => p.path === at(n))?.id,
      });
      expect(place.shards).toBeGreaterThan(0);
    }
    expect((await read(bench, 'f')).equals(bytes)).toBe(true);
    await bench.restart();
    expect(await places(bench)).toHaveLength(3);
    expect((await read(bench, 'f')).equals(bytes)).toBe(true);
    // The catalogue was copied while one was away; nothing else is missing.
    await bench.vault.handlers['vault.repair']({}, testContext());
    expect(await bench.vault.handlers['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('is refused while the place is still at its own path too, or by its own path', async () => {
    const bench = await setUp([at(1), at(2), at(3)]);
    const add = (path: string) => bench.vault.handlers['vault.addPlace']({ path }, testContext());
    await cp(at(1), join(top, 'twin'), { recursive: true });
    await expect(add(join(top, 'twin'))).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      message: expect.stringContaining('a copy of the place'),
    });
    await expect(add(at(1))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    // Nor does one lie in another.
    await rename(at(2), join(at(3), 'in'));
    await expect(add(join(at(3), 'in'))).rejects.toMatchObject({ code: 'BAD_PLACE' });
    expect(await readdir(join(top, 'twin'))).toContain(identityFile);
  });
});

describe('a data directory that was copied, with places that were not', () => {
  const at = (n: number): string => join(top, `drive${n}`);
  const codes = (bench: Bench): string[] => bench.vault.notices().map((notice) => notice.code);
  const names = async (bench: Bench): Promise<string[]> => {
    const page = { folder: 'root', sort: 'name', descending: false, offset: 0, limit: 99 } as const;
    return (await bench.vault.handlers['vault.list'](page, testContext())).items.map((item) => item.name);
  };

  it('is noticed, and neither takes over what the other did nor loses what it did itself', async () => {
    const one = await setUp([at(1), at(2), at(3)]);
    await one.vault.stop();
    await cp(home, join(top, 'copy'), { recursive: true });
    await one.vault.start();
    const two = await open(join(top, 'copy'));
    expect([codes(one), codes(two)]).toEqual([[], []]);
    await put(one, 'mine', noise(100_000, 3));
    for (const name of ['theirs', 'theirs too']) await put(two, name, noise(100_000, name.length));
    // The running one finds out by itself,
    one.host.advance(20_000);
    await vi.waitFor(() => expect(codes(one)).toEqual(['VAULT_TWO_WRITERS']), 10_000);
    // and no start takes the other's catalogue, which is newer by its count, for its own.
    for (let i = 0; i < 2; i++) {
      await one.restart();
      expect(await names(one)).toEqual(['f', 'mine']);
      expect(codes(one)).toEqual(['VAULT_TWO_WRITERS']);
    }
    await two.restart();
    expect(await names(two)).toEqual(['f', 'theirs', 'theirs too']);
    expect(codes(two)).toEqual(['VAULT_TWO_WRITERS']);
    for (const bench of [one, two]) {
      await bench.vault.handlers['vault.repair']({}, testContext());
      expect((await read(bench, 'f')).equals(bytes)).toBe(true);
    }
    expect((await read(one, 'mine')).equals(noise(100_000, 3))).toBe(true);
    expect((await read(two, 'theirs')).equals(noise(100_000, 6))).toBe(true);
  });
});
