import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lastTime } from '#shared/model/ids.ts';
import { decodeItem, encodeItem } from './format/row.ts';
import { type Bench, openBench, testContext } from './testing/harness.ts';

let bench: Bench;
let source: string;
const h = () => bench.vault.handlers;
beforeEach(async () => {
  source = await mkdtemp(join(tmpdir(), 'hypha-times-'));
  bench = await openBench();
  await h()['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});
const list = async (folder: string) =>
  (await h()['vault.list']({ folder, sort: 'name', descending: false, offset: 0, limit: 9 }, testContext())).items;

it('keeps a watched folder from before 1970, and all that lies in it, over a new start', async () => {
  const old = join(source, 'old');
  await mkdir(old);
  await writeFile(join(old, 'a.txt'), 'a');
  // Long ago by the clock of the bench, which stands.
  await utimes(join(old, 'a.txt'), 1e9, 1e9);
  await utimes(old, new Date('1950-01-01'), new Date('1950-01-01'));
  const { watched } = await h()['vault.watch']({ directory: source, folder: 'root' }, testContext());
  await h()['vault.syncWatched']({ watched: watched.id }, testContext());
  expect((await list('/old')).map(({ name }) => name)).toEqual(['a.txt']);
  await bench.restart();
  expect(await list('root')).toMatchObject([{ name: 'old', modified: 0 }]);
  expect((await list('/old')).map(({ name }) => name)).toEqual(['a.txt']);
  expect(await h()['vault.status']({}, testContext())).toMatchObject({ files: 1 });
});

it('reads what earlier releases wrote with a time that is none', () => {
  const record = { parent: null, kind: 'folder', name: 'old', size: 0, added: 1, mime: '', binnedAt: null } as const;
  for (const [written, read] of [
    [-1e12, 0],
    [1e17, lastTime],
    [1.5, 1],
  ] as const) {
    expect(decodeItem(encodeItem({ ...record, modified: written }))?.modified).toBe(read);
  }
});
