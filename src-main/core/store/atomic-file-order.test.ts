import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { writeFileAtomic } from './atomic-file.ts';

const { log } = vi.hoisted(() => ({ log: [] as string[] }));
vi.mock('node:fs/promises', async (original) => {
  const { recordFiles } = await import('#core/testing/record-files.ts');
  return recordFiles(await original(), log, (name) => name.endsWith('.tmp'));
});

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-order-'));
  log.length = 0;
});
afterEach(() => rm(directory, { recursive: true, force: true }));

// What a power cut would lose is what was not synced before it was relied on: the bytes before the name, the name before the answer.
describe.skipIf(process.platform === 'win32')('an atomic write', () => {
  it('syncs the bytes, then renames, then syncs the directory, and only then says that it is done', async () => {
    await writeFileAtomic(join(directory, 'a'), 'text');
    log.push('done');
    expect(log).toEqual([
      'write TEMPORARY',
      'sync TEMPORARY',
      'rename TEMPORARY a',
      `sync ${basename(directory)}`,
      'done',
    ]);
  });

  it('does so too where it takes no name that is there', async () => {
    await writeFileAtomic(join(directory, 'a'), 'text', { exclusive: true });
    log.push('done');
    expect(log).toEqual([
      'write TEMPORARY',
      'sync TEMPORARY',
      'link TEMPORARY a',
      `sync ${basename(directory)}`,
      'done',
    ]);
  });
});
