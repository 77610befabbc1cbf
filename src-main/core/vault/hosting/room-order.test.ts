import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createDisk, createRoom } from './room.ts';
import { makeRoom } from './room-files.ts';

const { log } = vi.hoisted(() => ({ log: [] as string[] }));
vi.mock('node:fs/promises', async (original) => {
  const { recordFiles } = await import('#core/testing/record-files.ts');
  return recordFiles(await original(), log, (name) => /^\d+$/.test(name));
});

let top: string;
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'hypha-order-'));
});
afterEach(() => rm(top, { recursive: true, force: true }));

it.skipIf(process.platform === 'win32')(
  'has its bytes synced before it gets its name, and its name before anybody who asks for that is told so',
  async () => {
    await makeRoom(join(top, 'room'));
    const disk = createDisk(top, 0, async () => Number.MAX_SAFE_INTEGER);
    const room = createRoom(join(top, 'room'), disk, { bytes: () => 1e6, closing: () => false });
    await room.state();
    log.length = 0;
    const piece = await room.begin('c/one', 3);
    await piece.take(Uint8Array.of(1, 2, 3));
    await piece.keep(() => true);
    expect(log.filter((step) => !step.startsWith('mkdir'))).toEqual([
      'write TEMPORARY',
      'sync TEMPORARY',
      // The first time there is no such directory yet.
      'rename TEMPORARY s-one',
    ]);
    // Two connections ask at once: the second is told no sooner, although the first has taken the names along.
    const told: number[] = [];
    await Promise.all([1, 2].map(() => room.settle().then(() => told.push(log.indexOf('sync s-c')))));
    expect(told.every((at) => at >= 0)).toBe(true);
  },
);
