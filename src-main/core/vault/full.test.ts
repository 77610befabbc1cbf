import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

/** The system has no room for files that are made in this directory. */
const full = vi.hoisted(() => ({ directory: null as string | null }));
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const open: typeof fs.open = (path, ...rest) =>
    full.directory !== null && String(path).startsWith(full.directory)
      ? Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
      : fs.open(path, ...rest);
  return { ...fs, default: fs, open };
});

let bench: Bench;
let source: string;
/** Decides for every shard write whether there is room for it, by its name. */
let room: (name: string) => boolean;
beforeEach(async () => {
  room = () => true;
  full.directory = null;
  bench = await openBench({
    wrapStore: (store) => ({
      ...store,
      async put(name, ...rest) {
        if (!room(name)) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        await store.put(name, ...rest);
      },
    }),
  });
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const put = async (...names: string[]) => {
  for (const [i, name] of names.entries()) await writeFile(join(source, name), noise(400_000, i + 1));
  return h()['vault.put']({ paths: names.map((n) => join(source, n)), into: 'root', clash: 'both' }, testContext());
};
const shown = async (): Promise<string[]> => {
  const page = { sort: 'name', descending: false, offset: 0, limit: 100 } as const;
  return (await h()['vault.list']({ folder: 'root', ...page }, testContext())).items.map((item) => item.name);
};
const failureOf = async (work: Promise<unknown>) => {
  const failure = await work.then(
    () => ({ code: 'none' }),
    (error: unknown) => error as object,
  );
  return failure as { code: string; message: string; meaning: string; next: string };
};

describe('a full disk, in words that are true', () => {
  it('when the files are stored, and only the copy of the catalogue has no room', async () => {
    room = (name) => !name.startsWith('c');
    const failure = await failureOf(put('f'));
    expect(failure.code).toBe('DISK_FULL');
    expect(failure.meaning).toContain('is in the vault');
    expect(failure.meaning).toContain('copy of its catalogue');
    expect(failure.next).toContain('Free some space');
    const { id } = await h()['vault.get']({ item: 'f' }, testContext());
    const bytes = await readAll(h()['vault.read']({ item: id, offset: 0 }, testContext()));
    expect(Buffer.compare(bytes, noise(400_000, 1))).toBe(0);
    // What it says comes next does: the copy catches up.
    room = () => true;
    await h()['vault.places']({}, testContext());
    await put('g');
    expect(await shown()).toEqual(['f', 'g']);
  });

  it('when nothing could be stored', async () => {
    room = (name) => name.startsWith('c');
    const failure = await failureOf(put('f'));
    expect(failure.code).toBe('DISK_FULL');
    expect(failure.meaning).toBe('What the vault shows is stored and safe. The rest was not stored.');
    expect(await shown()).toEqual([]);
  });

  it('when it is the directory that files of the vault are written to', async () => {
    await put('f');
    const to = await mkdtemp(join(tmpdir(), 'hypha-to-'));
    full.directory = to;
    const failure = await failureOf(h()['vault.export']({ items: ['f'], to }, testContext()));
    expect(failure).toMatchObject({ code: 'DISK_FULL', message: `There is no room left on the disk of ${to}.` });
    expect(failure.meaning).toContain('Nothing in the vault has changed');
    expect(failure.next).not.toContain('add a place');
    expect(await readdir(to)).toEqual([]);
    full.directory = null;
    await rm(to, { recursive: true });
  });
});
