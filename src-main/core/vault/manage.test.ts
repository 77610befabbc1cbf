import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

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
const status = () => h()['vault.status']({}, testContext());
const file = async (name: string, bytes: Uint8Array | string): Promise<string> => {
  const path = join(source, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, bytes);
  return path;
};
const put = async (paths: string[], clash: 'both' | 'replace' | 'skip' = 'both', into = 'root') =>
  h()['vault.put']({ paths, into, clash }, testContext());
const listing = { sort: 'name', descending: false, offset: 0, limit: 1000 } as const;
const names = async (folder = 'root') =>
  (await h()['vault.list']({ folder, ...listing }, testContext())).items.map((i) => i.name);
const get = (item: string) => h()['vault.get']({ item }, testContext());
const text = async (item: string) =>
  (await readAll(h()['vault.read']({ item: (await get(item)).id, offset: 0 }, testContext()))).toString();
const folder = async (name: string, parent = 'root') =>
  (await h()['vault.makeFolder']({ parent, name }, testContext())).item;

describe('the tree', () => {
  it('keeps both, replaces or skips a file of the same name', async () => {
    await put([await file('a.txt', 'one')]);
    await put([await file('a.txt', 'two')]);
    expect(await names()).toEqual(['a (2).txt', 'a.txt'].sort());
    expect(await text('a.txt')).toBe('one');
    const skipped = await put([await file('a.txt', 'three')], 'skip');
    expect(skipped).toMatchObject({ files: 0, skipped: [{ code: 'NAME_TAKEN' }] });
    await put([await file('a.txt', 'four')], 'replace');
    expect(await text('a.txt')).toBe('four');
    // What was replaced is in the bin, not lost.
    expect(await names('bin')).toEqual(['a.txt']);
  });

  it('merges folders when replacing, makes a second one otherwise', async () => {
    await file('d/x', '1');
    await put([join(source, 'd')]);
    await file('d/y', '2');
    await put([join(source, 'd')], 'replace');
    expect(await names()).toEqual(['d']);
    expect(await names((await get('d')).id)).toEqual(['x', 'y']);
    await put([join(source, 'd')]);
    expect(await names()).toEqual(['d', 'd (2)']);
    expect((await get('d')).size).toBe(2);
  });

  it('takes a path from the root wherever it takes an id, with or without the first slash', async () => {
    const context = testContext();
    const a = await folder('a');
    await put([await file('f', 'x')], 'both', '/a');
    await folder('b', '/a/');
    expect(await names('/a')).toEqual(['b', 'f']);
    expect(await names('/')).toEqual(['a']);
    await h()['vault.rename']({ item: 'a/f', name: 'g' }, context);
    await h()['vault.move']({ items: ['/a/g', (await get('a/g')).id], into: '/a/b' }, context);
    expect((await readAll(h()['vault.read']({ item: '/a/b/g', offset: 0 }, context))).toString()).toBe('x');
    await h()['vault.move']({ items: ['a/b/g'], into: '/' }, context);
    expect(await names()).toEqual(['a', 'g']);
    await expect(h()['vault.list']({ ...listing, folder: '/g' }, context)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/"g" is a file/),
    });
    await expect(h()['vault.rename']({ item: '/a/x', name: 'y' }, context)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: '"/a/x" is not in the vault.',
      next: expect.stringMatching(/\/notes\/a\.txt/),
    });
    // A file called like the id of another: a path is what begins with a slash.
    await h()['vault.rename']({ item: 'g', name: a.id }, context);
    expect((await get(a.id)).kind).toBe('folder');
    expect((await get(`/${a.id}`)).kind).toBe('file');
    await h()['vault.rename']({ item: '/a', name: 'root' }, context);
    expect(await names('/root')).toEqual(['b']);
    expect(await names('root')).toHaveLength(2);
  });

  it('finds in the bin by the name or the path it had, and asks for the id where two had it', async () => {
    const context = testContext();
    await folder('a');
    await put([await file('f', 'x')], 'both', '/a');
    const first = (await get('/a/f')).id;
    await h()['vault.bin']({ items: ['/a/f'] }, context);
    await h()['vault.restore']({ items: ['/a/f'] }, context);
    await h()['vault.bin']({ items: ['a/f'] }, context);
    await h()['vault.restore']({ items: ['f'] }, context);
    expect(await names('/a')).toEqual(['f']);
    await expect(h()['vault.purge']({ items: ['/a/f'] }, context)).rejects.toMatchObject({ code: 'NOT_IN_BIN' });
    await h()['vault.bin']({ items: ['a/f'] }, context);
    await put([await file('f', 'y')], 'both', '/a');
    await h()['vault.bin']({ items: ['a/f'] }, context);
    await expect(h()['vault.restore']({ items: ['f'] }, context)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'More than one thing in the bin was "f".',
    });
    expect(await h()['vault.purge']({ items: [first] }, context)).toMatchObject({ purged: 1 });
    expect(await h()['vault.purge']({ items: ['f'] }, context)).toMatchObject({ purged: 1 });
  });

  it('renames, moves, bins, restores, and registers how to undo each', async () => {
    const a = await folder('a');
    const b = await folder('b', a.id);
    await put([await file('f', 'x')], 'both', b.id);
    const f = await get('a/b/f');
    const context = testContext();
    await h()['vault.rename']({ item: f.id, name: 'g' }, context);
    await h()['vault.move']({ items: [f.id], into: 'root' }, context);
    await h()['vault.bin']({ items: [a.id] }, context);
    await h()['vault.restore']({ items: [a.id] }, context);
    expect(context.undone).toEqual([
      { method: 'vault.rename', input: { item: f.id, name: 'f' } },
      { method: 'vault.move', input: { items: [f.id], into: b.id } },
      { method: 'vault.restore', input: { items: [a.id] } },
      { method: 'vault.bin', input: { items: [a.id] } },
    ]);
    await expect(h()['vault.move']({ items: [a.id], into: b.id }, context)).rejects.toMatchObject({
      code: 'INTO_ITSELF',
    });
    await expect(h()['vault.rename']({ item: f.id, name: 'a' }, context)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await expect(h()['vault.makeFolder']({ parent: 'root', name: 'a' }, context)).rejects.toMatchObject({
      code: 'NAME_TAKEN',
    });
    await bench.restart();
    expect(await names()).toEqual(['a', 'g']);
    expect(await text('g')).toBe('x');
    await h()['vault.bin']({ items: [b.id, a.id] }, context);
    await h()['vault.restore']({ items: [b.id] }, context);
    // Its folder is still in the bin: it comes back at the root.
    expect(await names()).toEqual(['b', 'g']);
  });

  it('searches names, but not in the bin', async () => {
    await put([await file('Ümlaut Report 2026.pdf', 'x'), await file('report.txt', 'y'), await file('other', 'z')]);
    const search = async (query: string) =>
      (await h()['vault.search']({ query, limit: 1, offset: 0, typing: false }, testContext())) as {
        items: { name: string; path: string }[];
        more: boolean;
      };
    expect(await search('REPORT')).toMatchObject({ items: [{ name: 'report.txt', path: 'report.txt' }], more: true });
    expect((await search('2026 ümlaut')).items[0]?.name).toBe('Ümlaut Report 2026.pdf');
    await h()['vault.bin']({ items: [(await get('report.txt')).id] }, testContext());
    expect((await search('report.txt')).items).toEqual([]);
  });
});

describe('deleting for good', () => {
  /** Counts kept in the catalogue against counting again. */
  const references = (): { kept: unknown[]; packs: number } => {
    const db = new DatabaseSync(join(bench.home, 'vault', 'catalogue.db'), { readOnly: true });
    try {
      return {
        kept: db.prepare('SELECT refs, count(*) AS n FROM chunks GROUP BY refs ORDER BY refs').all(),
        packs: (db.prepare('SELECT count(*) AS n FROM packs WHERE kind = 0').get() as { n: number }).n,
      };
    } finally {
      db.close();
    }
  };

  it('frees what nobody else uses and never a shared chunk', async () => {
    const shared = noise(3_000_000, 1);
    await put([await file('one', shared)]);
    await put([await file('two', shared), await file('own', noise(2_000_000, 2))]);
    const bin = async (...items: string[]) =>
      h()['vault.bin']({ items: await Promise.all(items.map(async (i) => (await get(i)).id)) }, testContext());
    await expect(h()['vault.purge']({ items: [(await get('one')).id] }, testContext())).rejects.toMatchObject({
      code: 'NOT_IN_BIN',
    });
    await bin('one', 'own');
    const before = (await status()).stored;
    const result = await h()['vault.purge']({}, testContext());
    expect(result.purged).toBe(2);
    expect(result.freed).toBeGreaterThan(2_000_000);
    expect((await status()).stored).toBeLessThan(before - 2_000_000);
    const two = await readAll(h()['vault.read']({ item: (await get('two')).id, offset: 0 }, testContext()));
    expect(Buffer.compare(two, shared)).toBe(0);
    await bin('two');
    await h()['vault.purge']({}, testContext());
    expect(references()).toEqual({ kept: [], packs: 0 });
    expect((await status()).stored).toBeLessThan(200_000);
  });

  it('keeps every living file through random puts, deletions and restarts (model)', async () => {
    let seed = 7;
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * n);
    };
    const living = new Map<string, number>();
    const binned = new Map<string, string>();
    for (let step = 0; step < 60; step++) {
      const action = random(10);
      if (action < 5) {
        const content = random(12);
        const name = `f${step}`;
        await put([await file(name, noise(content * 30_000, content + 1))]);
        living.set(name, content);
      } else if (action < 7 && living.size > 0) {
        const name = [...living.keys()][random(living.size)] ?? '';
        const { id } = await get(name);
        await h()['vault.bin']({ items: [id] }, testContext());
        binned.set(id, name);
        living.delete(name);
      } else if (action < 8) {
        await h()['vault.purge']({}, testContext());
        binned.clear();
      } else if (action < 9) await bench.restart();
    }
    for (const [name, content] of living) {
      const bytes = await readAll(h()['vault.read']({ item: (await get(name)).id, offset: 0 }, testContext()));
      expect(Buffer.compare(bytes, noise(content * 30_000, content + 1))).toBe(0);
    }
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
    const rest = await Promise.all([...living.keys()].map(async (n) => (await get(n)).id));
    await h()['vault.bin']({ items: rest }, testContext());
    await h()['vault.purge']({}, testContext());
    expect(references()).toEqual({ kept: [], packs: 0 });
  });

  it('packs thousands of small files into few shards, and tidies up many small packs', async () => {
    for (let i = 0; i < 2000; i++) await file(`many/${i >> 8}/${i}`, `file number ${i} `.repeat(1 + (i % 20)));
    expect((await put([join(source, 'many')])).files).toBe(2000);
    expect(references().packs).toBeLessThan(4);
    for (let i = 0; i < 20; i++) await put([await file(`lone${i}`, noise(2000, 2 * i + 51))]);
    const before = references().packs;
    await h()['vault.bin']({ items: [(await get('lone3')).id] }, testContext());
    await h()['vault.purge']({}, testContext());
    expect(references().packs).toBeLessThan(before - 10);
    for (const i of [0, 1, 2, 4, 16]) {
      const bytes = await readAll(h()['vault.read']({ item: (await get(`lone${i}`)).id, offset: 0 }, testContext()));
      expect(Buffer.compare(bytes, noise(2000, 2 * i + 51))).toBe(0);
    }
    expect(await text('many/7/1999')).toBe('file number 1999 '.repeat(1 + (1999 % 20)));
  });
});

describe('uploads, tickets, export', () => {
  const upload = (path: string[], size: number, clash: 'both' | 'replace' | 'skip' = 'both') =>
    h()['vault.uploadOpen']({ into: 'root', path, size, modified: 5, clash }, testContext());

  it('stores what comes piece by piece, in order, and makes the folders', async () => {
    const bytes = noise(5_300_000, 4);
    const { upload: id } = await upload(['a', 'b', 'film.mkv'], bytes.length);
    const write = (offset: number, piece: Uint8Array) =>
      h()['vault.uploadWrite']({ upload: id, offset, bytes: piece }, testContext());
    await expect(write(5, bytes.subarray(0, 10))).rejects.toMatchObject({ code: 'OUT_OF_ORDER' });
    await expect(write(0, new Uint8Array(1024 * 1024 + 1))).rejects.toMatchObject({ code: 'TOO_LARGE' });
    for (let at = 0; at < bytes.length; at += 1_000_000) {
      if (at === 3_000_000) {
        await expect(h()['vault.uploadCommit']({ upload: id }, testContext())).rejects.toMatchObject({
          code: 'INCOMPLETE',
        });
      }
      await write(at, bytes.subarray(at, at + 1_000_000));
    }
    const context = testContext();
    const { item } = await h()['vault.uploadCommit']({ upload: id }, context);
    expect(item).toMatchObject({ name: 'film.mkv', size: bytes.length, modified: 5, mime: 'video/x-matroska' });
    expect(context.undone).toEqual([{ method: 'vault.bin', input: { items: [item.id] } }]);
    expect(Buffer.compare(await readAll(h()['vault.read']({ item: item.id, offset: 0 }, testContext())), bytes)).toBe(
      0,
    );
    expect((await get('a/b/film.mkv')).id).toBe(item.id);
    await expect(h()['vault.uploadCommit']({ upload: id }, testContext())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await upload(['a', 'b', 'film.mkv'], 3, 'skip')).skipped).toBe(true);
  });

  it('bounds and forgets uploads, and takes empty ones', async () => {
    const ids = [];
    for (let i = 0; i < 8; i++) ids.push((await upload([`u${i}`], i)).upload);
    await expect(upload(['more'], 1)).rejects.toMatchObject({ code: 'TOO_MANY_UPLOADS' });
    const [empty, one] = ids;
    if (!empty || !one) throw new Error('no uploads');
    expect((await h()['vault.uploadCommit']({ upload: empty }, testContext())).item.size).toBe(0);
    await h()['vault.uploadAbort']({ upload: one }, testContext());
    bench.host.advance(11 * 60_000);
    expect((await upload(['more'], 1)).skipped).toBe(false);
    expect(await names()).toEqual(['u0']);
  });

  it('gives tickets that expire when idle', async () => {
    await put([await file('pic ü.png', Buffer.from('\x89PNG\r\n', 'latin1'))]);
    const { id } = await get('pic ü.png');
    const { url } = await h()['vault.ticket']({ item: id, disposition: 'attachment' }, testContext());
    const [, , ticket = '', name] = url.split('/');
    expect(decodeURIComponent(name ?? '')).toBe('pic ü.png');
    for (let i = 0; i < 3; i++) {
      bench.host.advance(9 * 60_000);
      expect(await h()['vault.redeem']({ ticket }, testContext())).toMatchObject({
        item: id,
        mime: 'image/png',
        disposition: 'attachment',
      });
    }
    bench.host.advance(10 * 60_000 + 1);
    await expect(h()['vault.redeem']({ ticket }, testContext())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('exports with safe names, never outside the target, never over a file', async () => {
    await file('d/Readme', 'upper');
    await file('d/readme', 'lower');
    await file('d/sub/x', 'deep');
    await put([join(source, 'd')]);
    const to = await mkdtemp(join(tmpdir(), 'hypha-export-'));
    try {
      await writeFile(join(to, 'd'), 'in the way');
      const result = await h()['vault.export']({ items: ['d', 'd/sub/x'], to }, testContext());
      expect(result).toMatchObject({ files: 4, skipped: [] });
      expect((await readdir(to)).sort()).toEqual(['d', 'd (2)', 'x']);
      expect(await readFile(join(to, 'd'), 'utf8')).toBe('in the way');
      // Names that differ in case only are told apart, by another name where the file system would merge them.
      const inside = (await readdir(join(to, 'd (2)'))).filter((n) => n !== 'sub');
      expect(inside).toHaveLength(2);
      await expect(
        h()['vault.export']({ items: ['d'], to: join(bench.home, 'places', '1') }, testContext()),
      ).rejects.toMatchObject({ code: 'BAD_TARGET' });
      await expect(h()['vault.export']({ items: ['d'], to: join(to, 'd') }, testContext())).rejects.toMatchObject({
        code: 'BAD_TARGET',
      });
      await expect(h()['vault.export']({ items: ['d'], to: '~/Downloads' }, testContext())).rejects.toMatchObject({
        code: 'BAD_TARGET',
      });
      await expect(h()['vault.export']({ items: ['nope'], to }, testContext())).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
    } finally {
      await rm(to, { recursive: true });
    }
  });

  it('tells of changes in few events', async () => {
    bench.events.length = 0;
    for (let i = 0; i < 30; i++) await file(`e/${i}`, `${i}`);
    await put([join(source, 'e')]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(bench.events.length).toBeGreaterThan(0);
    expect(bench.events.length).toBeLessThan(15);
    expect(bench.events.every((e) => e.topic === 'vault')).toBe(true);
  });
});
