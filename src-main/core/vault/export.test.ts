import { writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, noise, openBench, testContext } from './testing/harness.ts';

/** What is in this directory came right after its names were looked at. */
const looks = vi.hoisted(() => ({ blindFor: null as string | null, alike: null as ((name: string) => string) | null }));
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const blind = (...args: Parameters<typeof fs.readdir>) =>
    args[0] === looks.blindFor ? Promise.resolve([]) : fs.readdir(...args);
  // A file system that takes names for one, as far as asking for a file by its name goes.
  const lstat = async (path: string) => {
    const { alike } = looks;
    if (!alike) return fs.lstat(path);
    const there = await fs.readdir(dirname(path));
    return fs.lstat(join(dirname(path), there.find((name) => alike(name) === alike(basename(path))) ?? basename(path)));
  };
  return { ...fs, default: fs, readdir: blind, lstat };
});

let bench: Bench;
let source: string;
let to: string;
/** Run once, when the first shard is read: the names were looked at, and nothing is written yet. */
let meanwhile: (() => void) | null;
beforeEach(async () => {
  meanwhile = null;
  looks.blindFor = null;
  looks.alike = null;
  bench = await openBench({
    wrapStore: (store) => ({
      ...store,
      read(...args) {
        meanwhile?.();
        meanwhile = null;
        return store.read(...args);
      },
    }),
  });
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  to = await mkdtemp(join(tmpdir(), 'hypha-to-'));
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  await bench.close();
  for (const directory of [source, to]) await rm(directory, { recursive: true, force: true });
});

const put = async (name: string, bytes: Uint8Array) => {
  await mkdir(join(source, name, '..'), { recursive: true });
  await writeFile(join(source, name), bytes);
  const top = join(source, name.split('/')[0] ?? '');
  return bench.vault.handlers['vault.put']({ paths: [top], into: 'root', clash: 'replace' }, testContext());
};
const exportTo = (items: string[], directory: string) =>
  bench.vault.handlers['vault.export']({ items, to: directory }, testContext());

describe('an export', () => {
  it.each([
    { what: 'large', length: 5_000_000 },
    { what: 'small', length: 5_000 },
  ])('keeps a file that appears meanwhile, and gives its own ($what) another name', async ({ length }) => {
    await put('report.doc', noise(length, 1));
    meanwhile = () => {
      writeFileSync(join(to, 'report.doc'), 'theirs');
      writeFileSync(join(to, 'report (2).doc'), 'theirs too');
    };
    expect(await exportTo(['report.doc'], to)).toEqual({
      files: 1,
      bytes: length,
      skipped: [],
      renamed: [{ item: 'report.doc', as: join(to, 'report (3).doc') }],
    });
    expect(meanwhile).toBeNull();
    expect((await readdir(to)).sort()).toEqual(['report (2).doc', 'report (3).doc', 'report.doc']);
    expect(await readFile(join(to, 'report.doc'), 'utf8')).toBe('theirs');
    expect(await readFile(join(to, 'report (2).doc'), 'utf8')).toBe('theirs too');
    expect(Buffer.compare(await readFile(join(to, 'report (3).doc')), noise(length, 1))).toBe(0);
  });

  it('leaves an empty file’s name, and a folder’s, to whoever took it first', async () => {
    await put('d/sub/x', Buffer.from('x'));
    await put('empty', new Uint8Array(0));
    await mkdir(join(to, 'd'));
    await writeFile(join(to, 'empty'), 'theirs');
    looks.blindFor = to;
    expect(await exportTo(['empty', 'd'], to)).toMatchObject({ files: 2, skipped: [] });
    looks.blindFor = null;
    expect((await readdir(to, { recursive: true })).sort()).toEqual(
      ['d', 'd (2)', 'd (2)/sub', 'd (2)/sub/x', 'empty', 'empty (2)'].map((path) => join(path)),
    );
    expect(await readFile(join(to, 'empty'), 'utf8')).toBe('theirs');
    expect(await readFile(join(to, 'empty (2)'), 'utf8')).toBe('');
  });

  it('writes nothing into a place, by whatever path it is named', async () => {
    await put('f', Buffer.from('f'));
    const place = join(bench.home, 'places', '1');
    await symlink(place, join(to, 'link'), 'junction');
    await symlink(bench.home, join(to, 'home'), 'junction');
    const before = await readdir(place, { recursive: true });
    for (const directory of [
      place,
      join(place, 'new'),
      join(to, 'link'),
      join(to, 'link', 'new', 'deep'),
      join(to, 'home', 'places', '2', 'p'),
    ]) {
      await expect(exportTo(['f'], directory)).rejects.toMatchObject({
        code: 'BAD_TARGET',
        message: expect.stringContaining('inside a place'),
      });
    }
    expect(await readdir(place, { recursive: true })).toEqual(before);
  });

  it.runIf(process.platform === 'linux')('says so when nothing can be written there', async () => {
    await put('f', Buffer.from('f'));
    for (const directory of ['/proc', '/proc/hypha-none/f']) {
      await expect(exportTo(['f'], directory)).rejects.toMatchObject({ code: 'BAD_TARGET' });
    }
  });

  it('goes where a link leads, when that is no place', async () => {
    await put('f', Buffer.from('f'));
    await mkdir(join(to, 'real'));
    await symlink(join(to, 'real'), join(to, 'link'), 'junction');
    await exportTo(['f'], join(to, 'link', 'new'));
    expect(await readFile(join(to, 'real', 'new', 'f'), 'utf8')).toBe('f');
  });
});

describe('names that differ in case or composition only', () => {
  /** The target takes names for one when these say so. */
  const seenBy = (alike: (name: string) => string): void => {
    looks.alike = alike;
  };
  const names = async (): Promise<string[]> => (await readdir(to)).sort();

  it.runIf(process.platform === 'linux')(
    'are kept where the target tells them apart, and nothing else is left there',
    async () => {
      await put('d/CASE', noise(100, 1));
      await put('d/case', noise(100, 3));
      await put('d/Sub/x', noise(100, 5));
      await put('d/sub/x', noise(100, 7));
      await writeFile(join(to, 'D'), 'theirs');
      const result = await exportTo(['d'], to);
      expect(result.renamed).toBeUndefined();
      expect(await names()).toEqual(['D', 'd']);
      expect((await readdir(join(to, 'd'))).sort()).toEqual(['CASE', 'Sub', 'case', 'sub']);
      expect(await readFile(join(to, 'd', 'case'))).toEqual(noise(100, 3));
    },
  );

  it('are changed where it does not, and said to be', async () => {
    seenBy((name) => name.toLowerCase());
    await put('d/CASE', noise(100, 1));
    await put('d/case', noise(100, 3));
    await writeFile(join(to, 'D'), 'theirs');
    const result = await exportTo(['d'], to);
    expect(await names()).toEqual(['D', 'd (2)']);
    expect(result.renamed).toContainEqual({ item: 'd', as: join(to, 'd (2)') });
    expect(result.renamed).toContainEqual({
      item: expect.stringMatching(/^d.case$/i),
      as: expect.stringContaining(' (2)'),
    });
    expect(result.renamed).toHaveLength(2);
    expect((await readdir(join(to, 'd (2)'))).map((name) => name.toLowerCase()).sort()).toEqual(['case', 'case (2)']);
  });

  it('are changed where composed and decomposed are one', async () => {
    seenBy((name) => name.normalize('NFC'));
    await writeFile(join(to, 'caf\u0065\u0301'), 'theirs');
    await put('caf\u00e9', noise(100, 1));
    await put('CAF\u00c9', noise(100, 3));
    const result = await exportTo(['caf\u00e9', 'CAF\u00c9'], to);
    expect(result.renamed).toEqual([{ item: 'caf\u00e9', as: join(to, 'caf\u00e9 (2)') }]);
    expect(await names()).toHaveLength(3);
  });
});
