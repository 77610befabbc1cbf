import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fail } from '#shared/rpc/fail.ts';
import { lockHome } from '../local/lock.ts';
import { openLog } from '../local/log.ts';
import { removePointer } from '../local/pointer.ts';
import { startFailure } from './start-failure.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-fail-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

async function wordsOf(work: () => unknown) {
  try {
    await work();
  } catch (error) {
    return startFailure(error, home).toFailure();
  }
  throw new Error('it did not fail');
}

describe('why the agent cannot start', () => {
  it('is told in words for a directory or a file in the wrong place', async () => {
    await mkdir(join(home, 'agent.json', 'x'), { recursive: true });
    expect(await wordsOf(() => removePointer(home))).toEqual({
      code: 'START_FAILED',
      message: `The agent cannot start: ${join(home, 'agent.json')} is a directory, and Hypha keeps a file there.`,
      meaning: 'What is stored is not affected.',
      next: 'Move it away and start again.',
    });
    await writeFile(join(home, 'logs'), '');
    const logs = await wordsOf(() => openLog({ directory: join(home, 'logs') }));
    expect(logs.message).toContain(join(home, 'logs'));
    await writeFile(join(home, 'file'), '');
    expect((await wordsOf(() => openLog({ directory: join(home, 'file', 'logs') }))).message).toMatch(/a file lies/);
    await mkdir(join(home, 'lock.db'));
    const lock = await wordsOf(() => lockHome(home));
    expect(lock.message).toContain(join(home, 'lock.db'));
    for (const { message, meaning, next } of [logs, lock]) {
      expect(message).not.toMatch(/\bE[A-Z]{3,}\b/);
      expect([meaning, next]).not.toContain(undefined);
    }
  });

  it.runIf(process.platform === 'linux')('is told where the system makes no directory', async () => {
    const words = await wordsOf(() => openLog({ directory: '/proc/hypha-none/logs' }));
    expect(words.message).toBe('The agent cannot start: no directory can be made at /proc/hypha-none.');
    expect(words.next).toMatch(/--home/);
  });

  it.each(['EROFS', 'EACCES', 'EPERM', 'ENOSPC', 'EISDIR'])('names the path and what to do for %s', async (code) => {
    const path = join(home, 'lock.db');
    const words = await wordsOf(() => {
      throw Object.assign(new Error(`${code}: something, chmod '${path}'`), { code, path });
    });
    expect(words.message).toContain(home);
    expect(words.message).not.toContain(code);
    expect(words.next).toMatch(/--home|start again/);
  });

  it('keeps what has words already, and points to the log for the rest', async () => {
    const known = fail('DATABASE_DAMAGED', 'It is damaged.');
    expect(startFailure(known, home)).toBe(known);
    expect(await wordsOf(() => readFile(join(home, 'none')))).toMatchObject({
      next: expect.stringContaining('agent.log'),
    });
    expect(startFailure(undefined, home).message).toMatch(/cannot start/);
  });
});
