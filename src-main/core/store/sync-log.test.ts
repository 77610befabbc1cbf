import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import { createSettler, createSyncLog } from './sync-log.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const migrations = ['CREATE TABLE rows (n INTEGER PRIMARY KEY) STRICT'];

describe('createSettler', () => {
  const settle = () => {
    const syncs: PromiseWithResolvers<void>[] = [];
    const settler = createSettler(() => {
      const sync = Promise.withResolvers<void>();
      syncs.push(sync);
      return sync.promise;
    });
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    return { syncs, turn, ...settler };
  };

  it('waits for nothing when nothing was written', async () => {
    const { settled, syncs } = settle();
    await settled();
    expect(syncs).toHaveLength(0);
  });

  it('lets all who ask while one is under way share the one after it', async () => {
    const { settled, touched, syncs, turn } = settle();
    const done: number[] = [];
    touched();
    void settled().then(() => done.push(1));
    await turn();
    expect(syncs).toHaveLength(1);
    // Written before that one began: it is the one to wait for.
    void settled().then(() => done.push(2));
    touched();
    void settled().then(() => done.push(3));
    void settled().then(() => done.push(4));
    await turn();
    expect([syncs.length, done]).toEqual([1, []]);
    syncs[0]?.resolve();
    await turn();
    expect([syncs.length, done.sort()]).toEqual([2, [1, 2]]);
    syncs[1]?.resolve();
    await turn();
    expect([syncs.length, done.sort()]).toEqual([2, [1, 2, 3, 4]]);
  });

  it('tells those who wait of an error, and tries again for who asks next', async () => {
    const { settled, touched, syncs, turn, unsettled } = settle();
    touched();
    const first = settled();
    const failed = expect(first).rejects.toThrow('no disk');
    await turn();
    syncs[0]?.reject(new Error('no disk'));
    await failed;
    expect(unsettled()).toBe(true);
    const second = settled();
    await turn();
    syncs[1]?.resolve();
    await second;
    expect(unsettled()).toBe(false);
  });
});

describe('transactionSoon', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'hypha-log-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  const path = (name: string): string => join(directory, name);
  /** A database, and the rows that would be in it after a power cut now: of its log only what was synced is left. */
  const open = () => {
    const real = createSyncLog(path('db-wal'));
    let synced = 0;
    let syncs = 0;
    const watched: typeof real = {
      async sync() {
        const { size } = statSync(path('db-wal'));
        await real.sync();
        syncs++;
        synced = Math.max(synced, size);
      },
      close: real.close,
    };
    const store = openDatabase({ path: path('db'), migrations, log, syncLog: watched });
    // Making the table was durable at once.
    synced = statSync(path('db-wal')).size;
    const add = (n: number) => void store.db.prepare('INSERT INTO rows VALUES (?)').run(n);
    const rows = (from: ReturnType<typeof openDatabase>): number[] =>
      from.db
        .prepare('SELECT n FROM rows ORDER BY n')
        .all()
        .map((row) => (row as { n: number }).n);
    const afterCut = (): number[] => {
      copyFileSync(path('db'), path('cut'));
      writeFileSync(path('cut-wal'), readFileSync(path('db-wal')).subarray(0, synced));
      const cut = openDatabase({ path: path('cut'), migrations, log });
      const left = rows(cut);
      cut.close();
      return left;
    };
    return { store, add, afterCut, syncs: () => syncs, rows: () => rows(store) };
  };

  it('is there at once, and durable once settled, with all before it', async () => {
    const { store, add, afterCut, rows, syncs } = open();
    store.transactionSoon(() => add(1));
    store.transactionSoon(() => add(2));
    expect(rows()).toEqual([1, 2]);
    expect(afterCut()).toEqual([]);
    const settled = store.settled();
    store.transactionSoon(() => add(3));
    await settled;
    const left = afterCut();
    expect(left.slice(0, 2)).toEqual([1, 2]);
    await store.settled();
    expect(afterCut()).toEqual([1, 2, 3]);
    expect(syncs()).toBeLessThanOrEqual(2);
    await store.settled();
    expect(syncs()).toBeLessThanOrEqual(2);
    store.close();
  });

  it('is taken back whole by what it throws, and later transactions wait for the disk as before', () => {
    const { store, add, rows } = open();
    expect(() =>
      store.transactionSoon(() => {
        add(1);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(rows()).toEqual([]);
    expect(store.db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    store.transactionSoon(() => add(2));
    store.close();
    const again = openDatabase({ path: path('db'), migrations, log });
    expect(again.db.prepare('SELECT n FROM rows').all()).toEqual([{ n: 2 }]);
    again.close();
  });
});
