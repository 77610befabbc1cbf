import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createSyncLog } from '#core/store/sync-log.ts';
import type { ShardStore } from './index.ts';
import { type Bench, noise, openBench, testContext } from './testing/harness.ts';

let bench: Bench;
let source: string;
/** Bytes of the catalogue's log that were synced. */
let synced: number;
/** Called before a shard is written. */
let onPut: (name: string) => void;

beforeEach(async () => {
  synced = 0;
  onPut = () => {};
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  const wrapStore = (store: ShardStore): ShardStore => ({
    ...store,
    put(name, parts, taken) {
      onPut(name);
      return store.put(name, parts, taken);
    },
  });
  const syncLog = (path: string) => {
    const real = createSyncLog(path);
    return {
      async sync() {
        const { size } = statSync(path);
        await real.sync();
        synced = size;
      },
      close: real.close,
    };
  };
  bench = await openBench({ wrapStore, syncLog });
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

/** What the catalogue would say after a power cut now that took everything of its log which was not synced by name. */
function afterCut<T>(query: string, ...values: string[]): T {
  const cut = join(source, `cut-${Math.random()}`);
  mkdirSync(cut);
  const own = join(bench.home, 'vault', 'catalogue.db');
  copyFileSync(own, join(cut, 'catalogue.db'));
  writeFileSync(join(cut, 'catalogue.db-wal'), readFileSync(`${own}-wal`).subarray(0, synced));
  const db = new DatabaseSync(join(cut, 'catalogue.db'));
  const row = db.prepare(query).get(...values);
  db.close();
  return row as T;
}

it('writes no shard whose pack the catalogue would not know after a power cut', async () => {
  const known = new Set<boolean>();
  onPut = (name) => {
    const id = /([0-9a-f]{32})\.\d\d$/.exec(name)?.[1] ?? '';
    known.add(afterCut<object | undefined>('SELECT 1 FROM packs WHERE hex(id) = upper(?)', id) !== undefined);
  };
  await writeFile(join(source, 'f'), noise(20_000_000, 3));
  await bench.vault.handlers['vault.put']({ paths: [join(source, 'f')], into: 'root', clash: 'both' }, testContext());
  expect([...known]).toEqual([true]);
});

it('announces no file that a power cut would take back', async () => {
  for (let i = 0; i < 40; i++) await writeFile(join(source, `${i}`), noise(50_000 + i, i + 1));
  const paths = Array.from({ length: 40 }, (_, i) => join(source, `${i}`));
  const result = await bench.vault.handlers['vault.put']({ paths, into: 'root', clash: 'both' }, testContext());
  expect(result.files).toBe(40);
  expect(afterCut<{ n: number }>('SELECT count(*) AS n FROM items').n).toBe(40);
  expect(afterCut<{ n: number }>('SELECT count(*) AS n FROM chunks WHERE refs = 1').n).toBe(40);
  expect(afterCut<{ n: number }>("SELECT count(*) AS n FROM packs WHERE state = 'writing' AND kind = 0").n).toBe(0);
  const made = await bench.vault.handlers['vault.makeFolder']({ parent: 'root', name: 'folder' }, testContext());
  expect(afterCut<{ n: number }>('SELECT count(*) AS n FROM items WHERE id = ?', made.item.id).n).toBe(1);
});
