import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, openBench, readAll, type TestContext, testContext } from './testing/harness.ts';

/** More than is looked at in one go: what is found first is stored while the rest is looked for. */
const perFolder = 300;
const folders = ['a', 'b', 'c'];

let bench: Bench;
let source: string;
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
  for (const folder of folders) {
    await mkdir(join(source, 'all', folder), { recursive: true });
    for (let i = 0; i < perFolder; i++) await writeFile(join(source, 'all', folder, `${i}.txt`), `${folder} ${i}`);
  }
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const put = (context: TestContext) =>
  h()['vault.put']({ paths: [join(source, 'all')], into: 'root', clash: 'both' }, context);
const status = () => h()['vault.status']({}, testContext());

/** What a person sees of a put's progress, and something to be done when its storing begins. */
function watched(onStoring: () => void = () => {}) {
  const shown: { done: number; total: number | null }[] = [];
  let total: number | null = null;
  const context = testContext();
  const watching: TestContext = {
    ...context,
    step(key, _text, progress) {
      context.steps.push(key);
      if (key !== 'store') return;
      total = progress?.total ?? null;
      shown.push({ done: 0, total });
      onStoring();
    },
    progress(done, now) {
      if (context.steps.at(-1) !== 'store') return;
      total = now ?? total;
      shown.push({ done, total });
    },
  };
  return { context: watching, shown };
}

describe('a folder that is stored while it is looked through', () => {
  it('says how much there is once that is known, and never another figure', async () => {
    const { context, shown } = watched();
    const { files, bytes } = await put(context);
    expect(files).toBe(folders.length * perFolder);
    expect(context.steps).toEqual(['scan', 'store', 'commit']);
    expect(shown[0]).toEqual({ done: 0, total: null });
    expect(shown.at(-1)).toEqual({ done: bytes, total: bytes });
    expect([...new Set(shown.map(({ total }) => total))]).toEqual([null, bytes]);
    for (const [i, { done }] of shown.entries()) expect(done).toBeGreaterThanOrEqual(shown[i - 1]?.done ?? 0);
  });

  it('says so at once where all was found with the first look', async () => {
    await rm(join(source, 'all'), { recursive: true });
    await writeFile(join(source, 'all'), 'one file');
    const { context, shown } = watched();
    await put(context);
    expect(shown.at(-1)).toEqual({ done: 8, total: 8 });
  });

  it('is stored without what vanishes meanwhile, and each file that was seen is named', async () => {
    const { context, shown } = watched(() => rmSync(join(source, 'all', 'c'), { recursive: true }));
    const { files, skipped } = await put(context);
    expect(files).toBeGreaterThanOrEqual(2 * perFolder);
    expect(files).toBeLessThan(3 * perFolder);
    expect(skipped.length).toBeGreaterThan(0);
    for (const one of skipped) {
      expect(one.code).toBe('NOT_FOUND');
      expect(one.path.startsWith(join(source, 'all', 'c'))).toBe(true);
    }
    // What was seen is done with, one way or the other.
    const { done, total } = shown.at(-1) ?? {};
    expect(done).toBe(total);
    expect((await status()).files).toBe(files);
    for (const folder of ['a', 'b']) {
      const { id } = await h()['vault.get']({ item: `all/${folder}/7.txt` }, testContext());
      const bytes = await readAll(h()['vault.read']({ item: id, offset: 0 }, testContext()));
      expect(String(bytes)).toBe(`${folder} 7`);
    }
  });

  it('keeps what is whole when it is cancelled meanwhile, and nothing else', async () => {
    const { context } = watched(() => context.aborter.abort());
    await expect(put(context)).rejects.toMatchObject({ code: 'CANCELLED' });
    const { files } = await status();
    expect(files).toBeLessThan(folders.length * perFolder);
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
    const again = await put(testContext());
    expect(again).toMatchObject({ files: folders.length * perFolder, skipped: [] });
  });

  it('is given up when the vault is locked meanwhile', async () => {
    const { context } = watched(() => bench.keys.set(null));
    await expect(put(context)).rejects.toMatchObject({ code: 'LOCKED' });
    bench.keys.set(new Uint8Array(32).fill(42));
    expect((await status()).files).toBeLessThan(folders.length * perFolder);
    expect((await put(testContext())).files).toBe(folders.length * perFolder);
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('stores nothing when it is cancelled before anything was found', async () => {
    const context = testContext();
    context.aborter.abort();
    await expect(put(context)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await status()).toMatchObject({ files: 0, folders: 0 });
    expect(await readdir(join(bench.home, 'places', '1'))).not.toContain('p');
  });
});
