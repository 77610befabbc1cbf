import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { vaultVersionsContract } from '#shared/contract/vault/versions.ts';
import type { InputOf } from '#shared/rpc/contract.ts';
import { type Bench, noise, openBench, readAll, testContext } from '../testing/harness.ts';
import { wrongReferences } from './testing/references.ts';

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
const put = async (name: string, bytes: Uint8Array, into = 'root'): Promise<void> => {
  await writeFile(join(source, name), bytes);
  await h()['vault.put']({ paths: [join(source, name)], into, clash: 'replace' }, testContext());
};
const read = async (path: string): Promise<Buffer> =>
  readAll(h()['vault.read']({ item: path, offset: 0 }, testContext()));
const snap = async (name = ''): Promise<number> =>
  (await h()['vault.takeSnapshot']({ name }, testContext())).snapshot.number;
const deleteForGood = async (path: string) => {
  const { id } = await h()['vault.get']({ item: path }, testContext());
  await h()['vault.bin']({ items: [id] }, testContext());
  return h()['vault.purge']({ items: [id] }, testContext());
};
const listing = async (snapshot: number, folder = 'root') =>
  (await h()['vault.listSnapshot']({ snapshot, folder, offset: 0, limit: 1000 }, testContext())).items.map(
    ({ name, now }) => `${name} ${now}`,
  );
const back = (input: Omit<InputOf<(typeof vaultVersionsContract)['vault.restoreFrom']>, 'clash'>, clash = 'both') =>
  h()['vault.restoreFrom']({ clash: clash as 'both', ...input } as never, testContext());
const check = async (snapshot: number) => h()['vault.checkSnapshot']({ snapshot }, testContext());
const database = () => join(bench.home, 'vault', 'catalogue.db');
const loseLocal = async (): Promise<void> => {
  await bench.vault.stop();
  for (const suffix of ['', '-wal', '-shm', '.copy']) await rm(database() + suffix, { force: true });
  await bench.vault.start();
};

describe('a snapshot', () => {
  it('sees the vault as it was, whatever is renamed, moved, replaced, binned or deleted for good since', async () => {
    await h()['vault.makeFolder']({ parent: 'root', name: 'notes' }, testContext());
    for (const [i, name] of ['a', 'b', 'c', 'd'].entries()) await put(name, noise(50_000, i + 1), 'notes');
    const number = await snap('before');
    await h()['vault.rename']({ item: 'notes/a', name: 'renamed' }, testContext());
    await h()['vault.move']({ items: ['notes/b'], into: 'root' }, testContext());
    await put('c', noise(60_000, 9), 'notes');
    expect(await deleteForGood('notes/d')).toMatchObject({ purged: 1, inSnapshots: 1 });
    await put('e', noise(10, 5), 'notes');

    expect(await listing(number)).toEqual(['notes changed']);
    expect(await listing(number, 'notes')).toEqual(['a changed', 'b changed', 'c binned', 'd gone']);
    expect(await check(number)).toMatchObject({ ok: true, rows: 5 });
    const { snapshots } = await h()['vault.snapshots']({}, testContext());
    expect(snapshots).toMatchObject([
      { number, name: 'before', automatic: false, files: 4, folders: 1, size: 200_000 },
    ]);
    expect(await wrongReferences(bench)).toEqual([]);
  });

  it('gives everything back bit by bit, to where it lay, and leaves alone what is there already', async () => {
    await h()['vault.makeFolder']({ parent: 'root', name: 'deep' }, testContext());
    await h()['vault.makeFolder']({ parent: 'deep', name: 'er' }, testContext());
    await put('kept', noise(3_000, 1), 'deep/er');
    await put('gone', noise(700_000, 2), 'deep/er');
    await put('changed', noise(40_000, 3), 'deep/er');
    const number = await snap();
    await put('changed', noise(41_000, 4), 'deep/er');
    await deleteForGood('deep/er/gone');
    const context = testContext();
    const some = await h()['vault.restoreFrom']({ snapshot: number, items: ['deep'], clash: 'both' } as never, context);
    expect(some).toMatchObject({ restored: 2, same: 1, skipped: 0 });
    expect((await read('deep/er/gone')).equals(noise(700_000, 2))).toBe(true);
    expect((await read('deep/er/changed')).equals(noise(41_000, 4))).toBe(true);
    expect((await read('deep/er/changed (2)')).equals(noise(40_000, 3))).toBe(true);
    expect(await back({ snapshot: number, items: ['deep'] }, 'replace')).toMatchObject({ restored: 1, same: 2 });
    expect((await read('deep/er/changed')).equals(noise(40_000, 3))).toBe(true);
    expect(await wrongReferences(bench)).toEqual([]);

    // The whole folder is gone: it is made again; elsewhere if that is wanted.
    await deleteForGood('deep');
    expect(await back({ snapshot: number, items: ['deep/er/gone'] })).toMatchObject({ restored: 1 });
    expect((await read('deep/er/gone')).equals(noise(700_000, 2))).toBe(true);
    await h()['vault.makeFolder']({ parent: 'root', name: 'other' }, testContext());
    const elsewhere = testContext();
    const { items } = await h()['vault.restoreFrom'](
      { snapshot: number, items: ['deep'], into: 'other', clash: 'both' } as never,
      elsewhere,
    );
    expect(elsewhere.undone).toEqual([{ method: 'vault.bin', input: { items } }]);
    expect((await read('other/deep/er/kept')).equals(noise(3_000, 1))).toBe(true);
    expect(await wrongReferences(bench)).toEqual([]);
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0 });
  });

  it('frees what only it held when it is forgotten, and not before', async () => {
    await put('big', noise(2_000_000, 1));
    await put('shared', noise(300_000, 2));
    const first = await snap();
    const second = await snap();
    await put('again', noise(300_000, 2));
    expect((await deleteForGood('big')).freed).toBe(0);
    await deleteForGood('shared');
    const forget = (snapshots: number[]) => h()['vault.removeSnapshots']({ snapshots }, testContext());
    expect((await forget([first])).freed).toBe(0);
    expect(await wrongReferences(bench)).toEqual([]);
    expect((await forget([second, second])).freed).toBeGreaterThan(2_000_000);
    expect(await wrongReferences(bench)).toEqual([]);
    expect((await read('again')).equals(noise(300_000, 2))).toBe(true);
    await expect(forget([second])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(listing(second)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await snap()).toBe(3);
  });

  it('is on the places: with the computer lost it comes back with all it holds', async () => {
    await put('a', noise(500_000, 1));
    await put('b', noise(70_000, 2));
    const first = await snap('first');
    await h()['vault.rename']({ item: 'a', name: 'A' }, testContext());
    await deleteForGood('b');
    const second = await snap('second');
    await put('c', noise(60_000, 3));
    await loseLocal();
    expect(await listing(first)).toEqual(['a changed', 'b gone']);
    expect(await listing(second)).toEqual(['A same']);
    expect(await check(first)).toMatchObject({ ok: true });
    expect(await check(second)).toMatchObject({ ok: true });
    expect(await wrongReferences(bench)).toEqual([]);
    await back({ snapshot: first, items: ['b'] });
    expect((await read('b')).equals(noise(70_000, 2))).toBe(true);
    // Forgotten ones do not come back, and their numbers are not used again.
    await h()['vault.removeSnapshots']({ snapshots: [first] }, testContext());
    await loseLocal();
    expect((await h()['vault.snapshots']({}, testContext())).snapshots.map(({ number }) => number)).toEqual([second]);
    expect(await wrongReferences(bench)).toEqual([]);
    expect(await snap()).toBe(3);
  });

  it('says so when what it sees is not what was signed', async () => {
    await put('a', noise(1_000, 1));
    await put('b', noise(1_000, 2));
    const first = await snap();
    const second = await snap();
    await deleteForGood('b');
    await bench.vault.stop();
    const db = new DatabaseSync(database());
    const past = db.prepare('SELECT item, died, sealed FROM past_items').all() as { sealed: Uint8Array }[];
    expect(past.length).toBeGreaterThan(0);
    db.exec('DELETE FROM past_items');
    db.prepare('UPDATE snapshots SET sealed = (SELECT sealed FROM snapshots WHERE number = ?) WHERE number = ?').run(
      first,
      second,
    );
    db.close();
    await bench.vault.start();
    expect(await check(first)).toEqual({ ok: false, rows: 2, problem: expect.stringContaining('not what was signed') });
    // A snapshot under the number of another is none.
    await expect(check(second)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is not there while the vault is locked, nor half of it when the vault is locked meanwhile', async () => {
    await put('a', noise(1_000, 1));
    bench.vault.handlers['vault.takeSnapshot']({ name: 'late' }, testContext()).catch(() => {});
    bench.keys.set(null);
    await expect(h()['vault.snapshots']({}, testContext())).rejects.toMatchObject({ code: 'LOCKED' });
    bench.keys.set(new Uint8Array(32).fill(42));
    const { snapshots } = await h()['vault.snapshots']({}, testContext());
    for (const { number } of snapshots) expect(await check(number)).toMatchObject({ ok: true });
    await snap('after');
    expect(await wrongReferences(bench)).toEqual([]);
  });
});

describe('the history of a file', () => {
  it('lists what lay at its path: now, in the bin and in snapshots', async () => {
    await put('f', noise(100, 1));
    const first = await snap();
    bench.host.advance(1000);
    await put('f', noise(200, 2));
    bench.host.advance(1000);
    await put('f', noise(300, 3));
    const second = await snap();
    await h()['vault.purge']({}, testContext());
    const { versions } = await h()['vault.history']({ item: 'f' }, testContext());
    // The second one was in the bin when the second snapshot was taken, so that is where it is kept.
    expect(versions.map(({ size, now }) => [size, now])).toEqual([
      [300, 'there'],
      [200, 'gone'],
      [100, 'gone'],
    ]);
    expect(await back({ snapshot: second, items: [versions[1]?.id ?? ''], into: 'root' })).toMatchObject({
      restored: 1,
    });
    expect((await read('f (2)')).equals(noise(200, 2))).toBe(true);
    expect(versions[2]?.snapshots).toMatchObject({ first: { number: first }, last: { number: second } });
    expect(versions[0]?.snapshots).toMatchObject({ first: { number: second }, last: { number: second } });
    await deleteForGood('f');
    const gone = await h()['vault.history']({ item: '/f' }, testContext());
    expect(gone.versions.map(({ path, size, now }) => [path, size, now])).toEqual([
      ['/f', 300, 'gone'],
      ['/f', 200, 'gone'],
      ['/f', 100, 'gone'],
    ]);
    await expect(h()['vault.history']({ item: 'never' }, testContext())).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('automatic snapshots', () => {
  const numbers = async () =>
    (await h()['vault.snapshots']({}, testContext())).snapshots.map(({ number, automatic }) => [number, automatic]);
  /** Let an hour pass, and what is due be done: the next call waits for it. */
  const hours = async (n: number): Promise<void> => {
    for (let i = 0; i < n * 12; i++) {
      bench.host.advance(5 * 60_000);
      await h()
        ['vault.checkSnapshot']({ snapshot: 999_999 }, testContext())
        .catch(() => {});
      await new Promise((done) => setImmediate(done));
    }
  };

  it('are taken each hour when something changed, and thinned out', async () => {
    await h()['vault.configureSnapshots']({ hours: 2, days: 0, weeks: 0, months: 0 }, testContext());
    await put('a', noise(10, 1));
    const afterAnHour = async () => {
      await hours(1);
      return numbers();
    };
    await expect.poll(afterAnHour).toEqual([[1, true]]);
    await hours(3);
    expect(await numbers()).toEqual([[1, true]]);
    const own = await snap('mine');
    for (let i = 0; i < 4; i++) {
      await put('a', noise(10, i + 2));
      await hours(2);
    }
    const all = await numbers();
    expect(all).toContainEqual([own, false]);
    expect(all.filter(([, automatic]) => automatic)).toHaveLength(2);
    expect(await wrongReferences(bench)).toEqual([]);
  });

  it('are not taken when they are off, and what was said can be taken back', async () => {
    const context = testContext();
    await h()['vault.configureSnapshots']({ every: null }, context);
    expect(context.undone).toMatchObject([{ method: 'vault.configureSnapshots', input: { every: 60, hours: 24 } }]);
    await put('a', noise(10, 1));
    await hours(5);
    expect(await numbers()).toEqual([]);
    await bench.restart();
    expect((await h()['vault.snapshots']({}, testContext())).policy.every).toBeNull();
  });
});
