import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDirectoryStore } from './store.ts';

it('does not call a name durable while another settle is still syncing its directory', async () => {
  const root = await mkdtemp(join(tmpdir(), 'hypha-store-'));
  try {
    const gate = Promise.withResolvers<void>();
    const store = createDirectoryStore(root, () => gate.promise);
    await store.put('c/one', [new Uint8Array(10)]);
    const ended: string[] = [];
    const first = store.settle().then(() => ended.push('first'));
    const second = store.settle().then(() => ended.push('second'));
    await store.read('c/one', 0, new Uint8Array(10));
    expect(ended).toEqual([]);
    gate.resolve();
    await Promise.all([first, second]);
    expect(ended).toHaveLength(2);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

it('fails every settle that relied on a sync that failed, and syncs again next time', async () => {
  const root = await mkdtemp(join(tmpdir(), 'hypha-store-'));
  try {
    let broken = true;
    const synced: string[] = [];
    const store = createDirectoryStore(root, async (directory) => {
      if (broken) throw new Error('EIO');
      synced.push(directory);
    });
    await store.put('c/one', [new Uint8Array(10)]);
    const results = await Promise.allSettled([store.settle(), store.settle()]);
    expect(results.map((r) => r.status)).toEqual(['rejected', 'rejected']);
    broken = false;
    await store.settle();
    expect(synced).toContain(join(root, 'c'));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
