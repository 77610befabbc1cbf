import { afterEach, expect, it } from 'vitest';
import { openServer, type ServerBench } from '../../zdb-server/testing/bench.ts';
import { realDeps } from '../testing/deps.ts';
import { connectZdb, type ZdbClient } from './client.ts';
import { createZdbNames } from './names.ts';
import { encodePartsRecord, partKey } from './record.ts';
import { createZdbStore } from './store.ts';

const cleanup: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of cleanup.splice(0).reverse()) await end();
});

async function serve(): Promise<{ bench: ServerBench; open: () => ZdbClient }> {
  const bench = await openServer({ sync: { kind: 'rotate' } });
  cleanup.push(() => bench.stop());
  return {
    bench,
    open() {
      const client = connectZdb({ host: '127.0.0.1', port: bench.port }, { setTimer: realDeps.host.setTimer });
      cleanup.push(() => client.close());
      return client;
    },
  };
}

const one = new Uint8Array(1);
const id = (i: number): string => String(i).padStart(32, '0');

it('lists a place with more names than it may remember, directory by directory', async () => {
  const { open } = await serve();
  const client = open();
  const directories = Array.from({ length: 12 }, (_, i) => `p/${String(i).padStart(5, '0')}`);
  await Promise.all(
    [...directories, 'c'].flatMap((directory) =>
      Array.from({ length: 10 }, (_, i) => client.set(`${directory}/${id(i)}.00`, one)),
    ),
  );
  let scans = 0;
  const counted: ZdbClient = {
    ...client,
    scan(cursor) {
      if (!cursor) scans++;
      return client.scan(cursor);
    },
  };
  const names = createZdbNames(counted, realDeps, 55);
  expect((await names.list('p')).sort()).toEqual(directories);
  for (const directory of directories) {
    expect((await names.list(directory)).sort()).toEqual(
      Array.from({ length: 10 }, (_, i) => `${directory}/${id(i)}.00`),
    );
    expect(await names.list('c')).toHaveLength(10);
    expect((await names.list('p')).sort()).toEqual(directories);
  }
  // Walked in order, several directories come of one look at all.
  expect(scans).toBeLessThanOrEqual(5);
  await expect(createZdbNames(client, realDeps, 8).list('c')).rejects.toThrow('too many');
});

it('fetches only what is new since the last look, and goes on when others write and remove', async () => {
  const { open } = await serve();
  const [client, other] = [open(), open()];
  const names = createZdbNames(client, realDeps);
  for (let i = 0; i < 20; i++) await other.set(`c/${id(i)}.00`, one);
  expect(await names.list('c')).toHaveLength(20);
  let entries = 0;
  const scan = client.scan;
  const watched = createZdbNames(
    {
      ...client,
      async scan(cursor) {
        const page = await scan(cursor);
        entries += page?.entries.length ?? 0;
        return page;
      },
    },
    realDeps,
  );
  await watched.list('c');
  expect(entries).toBe(20);
  await other.set(`c/${id(20)}.00`, one);
  // The newest one is what the cursor stands for.
  await watched.list('c');
  await other.del(`c/${id(20)}.00`);
  await other.set(`c/${id(21)}.00`, one);
  entries = 0;
  const now = await watched.list('c');
  expect(entries).toBe(1);
  expect(now).toContain(`c/${id(21)}.00`);
  expect(now).not.toContain(`c/${id(20)}.00`);
});

it('passes over keys that are no names', async () => {
  const { open } = await serve();
  const client = open();
  const strange = ['letter', 'x/y.00', 'c', 'c/', 'c/../x', 'p/00000/a~b', 'c/x~0123456789abcdef.99999', 'c/\n'];
  for (const key of [...strange, new Uint8Array([255, 0, 128])]) await client.set(key, one);
  const names = createZdbNames(client, realDeps);
  expect(await names.list('c')).toEqual([]);
  expect(await names.list('p')).toEqual([]);
});

it('shows parts without a shard as half-written, and they can be removed by that name', async () => {
  const { open } = await serve();
  const client = open();
  const store = createZdbStore(client, realDeps);
  const [half, replaced, good] = [0, 1, 2].map((i) => `p/00000/${id(i)}.00`) as [string, string, string];
  const old = '0123456789abcdef';
  for (let i = 0; i < 3; i++) await client.set(partKey(half, old, i), new Uint8Array(10));
  for (let i = 0; i < 3; i++) await client.set(partKey(replaced, old, i), new Uint8Array(10));
  await store.put(replaced, [new Uint8Array(1_300_000)]);
  await store.put(good, [new Uint8Array(1_300_000)]);
  expect((await store.list('p/00000')).sort()).toEqual([`${half}.part`, replaced, `${replaced}.part`, good]);
  expect(await store.size(`${half}.part`)).toBeNull();
  await store.remove(`${half}.part`);
  await store.remove(`${replaced}.part`);
  expect((await store.list('p/00000')).sort()).toEqual([replaced, good]);
  expect(await store.read(replaced, 1_299_999, new Uint8Array(1))).toBe(true);
  expect(await client.count()).toBe(8);
  // By another who has not seen it being written, too.
  expect((await createZdbStore(open(), realDeps).list('p/00000')).sort()).toEqual([replaced, good]);
});

it('gives no bytes where a part is missing, short or of another length', async () => {
  const { open } = await serve();
  const client = open();
  const store = createZdbStore(client, realDeps);
  const name = `c/${id(0)}.00`;
  const generation = 'ffffffffffffffff';
  await client.set(name, encodePartsRecord({ partLength: 100, length: 250, generation }));
  const read = (offset: number, length: number): Promise<boolean> => store.read(name, offset, new Uint8Array(length));
  expect(await store.size(name)).toBe(250);
  expect(await read(0, 10)).toBe(false);
  for (const [i, length] of [100, 99, 50].entries())
    await client.set(partKey(name, generation, i), new Uint8Array(length));
  expect(await read(0, 100)).toBe(true);
  expect(await read(50, 60)).toBe(false);
  expect(await read(100, 100)).toBe(false);
  expect(await read(200, 50)).toBe(true);
  expect(await read(200, 51)).toBe(false);
  await client.set(name, Uint8Array.of(9, 9, 9));
  expect(await read(0, 1)).toBe(false);
});
