import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeRoom } from './hosting/room-files.ts';
import { encodeHosting, hostingPath, nothingHosted } from './hosting/stored.ts';
import { type Bench, openBench, testContext } from './testing/harness.ts';

/* What others keep on this computer is not the person's: stored too, it would come back to them as new pieces without end. */

let bench: Bench;
let documents: string;
const h = () => bench.vault.handlers;
const kept = (): string => join(documents, 'kept');

beforeEach(async () => {
  documents = await mkdtemp(join(tmpdir(), 'hypha-documents-'));
  bench = await openBench();
  await h()['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
  await writeFile(join(documents, 'a.txt'), 'a');
  // A contact's room, and a loan in a directory of the person's own.
  const grant = 'ab'.repeat(16);
  await makeRoom(join(kept(), grant));
  await mkdir(join(kept(), grant, 's-c'));
  await writeFile(join(kept(), grant, 's-c', 's-piece'), 'a piece of theirs');
  const room = {
    contact: 'c'.repeat(22),
    grant,
    verifier: '00'.repeat(32),
    bytes: 1e6,
    since: 0,
    until: null,
    told: false,
  };
  const all = { ...nothingHosted, directory: kept(), rooms: [room] };
  await bench.vault.stop();
  await writeFile(hostingPath(bench.home), encodeHosting(all as Parameters<typeof encodeHosting>[0]));
  await bench.vault.start();
  await h()['vault.lend']({ name: 'ada', bytes: 2 ** 30, to: [], mode: 'user', directory: kept() }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(documents, { recursive: true, force: true });
});

it('is not stored with what lies around it', async () => {
  const put = await h()['vault.put']({ paths: [documents], into: 'root', clash: 'both' }, testContext());
  expect(put.skipped.map(({ path, code }) => [path.slice(documents.length), code]).sort()).toEqual([
    [`/kept/${'ab'.repeat(16)}`, 'OWN_DATA'],
    ['/kept/data', 'OWN_DATA'],
    ['/kept/index', 'OWN_DATA'],
  ]);
});

it('is not watched, from around it or inside, and nothing is exported into it', async () => {
  const watch = (directory: string) => h()['vault.watch']({ directory, folder: 'root' }, testContext());
  await expect(watch(documents)).rejects.toMatchObject({ code: 'BAD_TARGET' });
  await expect(watch(join(kept(), 'ab'.repeat(16)))).rejects.toMatchObject({ code: 'BAD_TARGET' });
  await h()['vault.put']({ paths: [join(documents, 'a.txt')], into: 'root', clash: 'both' }, testContext());
  const to = join(kept(), 'ab'.repeat(16));
  const items = (
    await h()['vault.list']({ folder: 'root', sort: 'name', descending: false, offset: 0, limit: 9 }, testContext())
  ).items;
  await expect(h()['vault.export']({ items: items.map(({ id }) => id), to }, testContext())).rejects.toMatchObject({
    code: 'BAD_TARGET',
    message: expect.stringContaining('what you keep for others'),
  });
});
