import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Bench, openBench, readAll, testContext } from './testing/harness.ts';

let bench: Bench;
let source: string;
let failing: boolean;
beforeEach(async () => {
  failing = false;
  const probe = (point: string): void => {
    if (failing && point === 'items-committing') throw Object.assign(new Error('disk full'), { code: 'ENOSPC' });
  };
  bench = await openBench({ probe });
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const write = async (name: string, text: string): Promise<string> => {
  await mkdir(join(source, name, '..'), { recursive: true });
  await writeFile(join(source, name), text);
  return join(source, name);
};
const replace = (paths: string[]) => h()['vault.put']({ paths, into: 'root', clash: 'replace' }, testContext());
/** All that a person sees of the vault: names, sizes and what is in the bin. */
const seen = async () => {
  const list = async (folder: string) => {
    const page = { sort: 'name', descending: false, offset: 0, limit: 100 } as const;
    const { items } = await h()['vault.list']({ folder: folder as 'root', ...page }, testContext());
    return items.map(({ id, name, size, kind }) => ({ id, name, size, kind }));
  };
  const root = await list('root');
  const inside = await Promise.all(root.filter((i) => i.kind === 'folder').map((i) => list(i.id)));
  const { files, folders, size } = await h()['vault.status']({}, testContext());
  return { root, inside, bin: await list('bin'), files, folders, size };
};

it('a replacement that cannot be written down leaves the old file where it was', async () => {
  const file = await write('f', 'old');
  const folder = join(await write('d/g', 'old, in a folder'), '..');
  await replace([file, folder]);
  const before = await seen();
  await write('f', 'new');
  await write('d/g', 'new and longer, in a folder');
  failing = true;
  await expect(replace([file, folder])).rejects.toThrow('disk full');
  failing = false;
  expect(await seen()).toEqual(before);
  await bench.restart();
  expect(await seen()).toEqual(before);
});

it('one that replaces another of the same batch, and a folder that a file replaces, go back too', async () => {
  await replace([await write('one/f', 'first')]);
  await h()['vault.makeFolder']({ parent: 'root', name: 'x' }, testContext());
  const before = await seen();
  const paths = [await write('one/f', 'second'), await write('two/f', 'third'), await write('x', 'a file')];
  failing = true;
  await expect(replace(paths)).rejects.toThrow('disk full');
  failing = false;
  expect(await seen()).toEqual(before);
  // And what was put back can be replaced.
  expect((await replace(paths)).files).toBe(3);
  const after = await seen();
  expect(after.root.map((i) => i.name)).toEqual(['f', 'x']);
  expect(after.bin.map((i) => i.name).sort()).toEqual(['f', 'f', 'x']);
  const { id } = await h()['vault.get']({ item: 'f' }, testContext());
  expect(String(await readAll(h()['vault.read']({ item: id, offset: 0 }, testContext())))).toBe('third');
});
