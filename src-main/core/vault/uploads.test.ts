import { afterEach, beforeEach, expect, it } from 'vitest';
import { uploadPausedMs } from './service/uploads.ts';
import { type Bench, noise, openBench, type TestContext, testContext } from './testing/harness.ts';

let bench: Bench;
/** Shards wait here to be written, once set. */
let gate: Promise<void> | null;
beforeEach(async () => {
  gate = null;
  bench = await openBench({
    wrapStore: (store) => ({
      ...store,
      async put(...args) {
        await gate;
        await store.put(...args);
      },
    }),
  });
  await h()['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(() => bench.close());

const h = () => bench.vault.handlers;
const as = (connection: string): TestContext => {
  const context = testContext();
  return { ...context, caller: { ...context.caller, connection } };
};
const bytes = noise(3_000_000, 4);
const piece = (n: number): Uint8Array => bytes.subarray(n * 1_000_000, (n + 1) * 1_000_000);
const open = async (connection: string, name = 'film.mkv', context = as(connection)) =>
  (
    await h()['vault.uploadOpen'](
      { into: 'root', path: ['folder', name], size: bytes.length, modified: 5, clash: 'both' },
      context,
    )
  ).upload;
type UploadId = Awaited<ReturnType<typeof open>>;
const write = (connection: string, upload: UploadId, n: number) =>
  h()['vault.uploadWrite']({ upload, offset: n * 1_000_000, bytes: piece(n) }, as(connection));
const commit = (connection: string, upload: UploadId) => h()['vault.uploadCommit']({ upload }, as(connection));
const shown = async (): Promise<string[]> => {
  const page = { sort: 'name', descending: false, offset: 0, limit: 100 } as const;
  return (await h()['vault.list']({ folder: 'root', ...page }, testContext())).items.map((item) => item.name);
};
const gone = { code: 'NOT_FOUND', message: 'This upload is not known (any more).' };

it('is given up with the connection that sends it, and its place is free at once', async () => {
  const ids = [];
  for (let i = 0; i < 8; i++) ids.push(await open('page', `f${i}`));
  await write('page', ids[0] as UploadId, 0);
  await expect(open('page after a reload')).rejects.toMatchObject({ code: 'TOO_MANY_UPLOADS' });
  bench.vault.disconnected('another page');
  await expect(open('page after a reload')).rejects.toMatchObject({ code: 'TOO_MANY_UPLOADS' });
  bench.vault.disconnected('page');
  for (const id of ids) await expect(write('page', id, 0)).rejects.toMatchObject(gone);
  const id = await open('page after a reload');
  for (const n of [0, 1, 2]) await write('page after a reload', id, n);
  await commit('page after a reload', id);
  expect(await shown()).toEqual(['folder']);
});

it('keeps nobody else waiting while it is paused, and goes on where it was', async () => {
  const ids: UploadId[] = [];
  for (let i = 0; i < 8; i++) ids.push(await open('page', `f${i}`));
  for (const id of ids) await write('page', id, 0);
  await expect(open('other')).rejects.toMatchObject({ code: 'TOO_MANY_UPLOADS' });
  bench.host.setNow(bench.host.now() + uploadPausedMs);
  // All eight stand still, each with bytes that came; another goes through.
  const id = await open('other');
  for (const n of [0, 1, 2]) await write('other', id, n);
  await commit('other', id);
  for (const paused of ids) {
    for (const n of [1, 2]) await write('page', paused, n);
    await commit('page', paused);
  }
  // What is begun and never gone on with is bounded too.
  for (let i = 0; i < 24; i++) {
    await open('page', `g${i}`);
    bench.host.setNow(bench.host.now() + uploadPausedMs);
  }
  await expect(open('other', 'h')).rejects.toMatchObject({
    code: 'TOO_MANY_UPLOADS',
    next: expect.stringMatching(/go on/),
  });
});

it('cannot be opened by somebody who has gone meanwhile', async () => {
  const context = as('page');
  const opening = open('page', 'late', context);
  context.aborter.abort();
  bench.vault.disconnected('page');
  await expect(opening).rejects.toMatchObject({ code: 'CANCELLED' });
  for (let i = 0; i < 8; i++) await open('page after a reload', `f${i}`);
});

it('is nobody else’s to write, finish or give up', async () => {
  const id = await open('page');
  for (const n of [0, 1]) await write('page', id, n);
  await expect(write('other', id, 2)).rejects.toMatchObject(gone);
  await h()['vault.uploadAbort']({ upload: id }, as('other'));
  await write('page', id, 2);
  await expect(commit('other', id)).rejects.toMatchObject(gone);
  await commit('page', id);
});

it('is not shown when its page goes while it is being finished', async () => {
  const id = await open('page');
  for (const n of [0, 1, 2]) await write('page', id, n);
  const { promise, resolve } = Promise.withResolvers<void>();
  gate = promise;
  const finishing = commit('page', id);
  // Long past the first awaits of the commit: it waits for its shards now.
  for (let i = 0; i < 50; i++) await new Promise<void>((done) => setImmediate(done));
  bench.vault.disconnected('page');
  resolve();
  await expect(finishing).rejects.toMatchObject(gone);
  expect(await shown()).toEqual([]);
});

it('does not outlive a lock, and says LOCKED while it lasts', async () => {
  const id = await open('page');
  await write('page', id, 0);
  bench.keys.set(null);
  await expect(write('page', id, 1)).rejects.toMatchObject({ code: 'LOCKED' });
  await expect(commit('page', id)).rejects.toMatchObject({ code: 'LOCKED' });
  bench.keys.set(new Uint8Array(32).fill(42));
  await expect(write('page', id, 1)).rejects.toMatchObject(gone);
});
