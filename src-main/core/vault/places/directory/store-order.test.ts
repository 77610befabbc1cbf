import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDirectoryStore } from './store.ts';

const { log } = vi.hoisted(() => ({ log: [] as string[] }));
vi.mock('node:fs/promises', async (original) => {
  const { recordFiles } = await import('#core/testing/record-files.ts');
  return recordFiles(await original(), log, (name) => name.endsWith('.part'));
});

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hypha-order-'));
  log.length = 0;
});
afterEach(() => rm(root, { recursive: true, force: true }));

describe.skipIf(process.platform === 'win32')('a shard in a directory', () => {
  it('has its bytes synced before its name is given, and its name and new directories before it is settled', async () => {
    const store = createDirectoryStore(root);
    await store.put('c/ab/one', [new Uint8Array(10), new Uint8Array(10)]);
    expect(log).toEqual(['mkdir c', 'mkdir ab', 'write TEMPORARY', 'sync TEMPORARY', 'rename TEMPORARY one']);
    log.length = 0;
    await store.settle();
    // In any order among themselves, all of them before it is said.
    expect([...log].sort()).toEqual([`sync ${basename(root)}`, 'sync ab', 'sync c'].sort());
    log.length = 0;
    await store.put('c/ab/two', [new Uint8Array(10)]);
    await store.settle();
    expect(log).toEqual(['write TEMPORARY', 'sync TEMPORARY', 'rename TEMPORARY two', 'sync ab']);
  });

  it('is synced after all of it was written, by whichever way', async () => {
    const memory = new WebAssembly.Memory({ initial: 8, maximum: 8, shared: true });
    await createDirectoryStore(root).put('c/one', [new Uint8Array(memory.buffer, 65_536, 256 * 1024 + 96)]);
    expect(log.filter((step, i) => step !== log[i - 1])).toEqual([
      ...['mkdir c', 'write TEMPORARY', 'sync TEMPORARY', 'rename TEMPORARY one'],
    ]);
  });
});
