import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { oneAtATime, take } from './lock.mjs';

/** No process has it: Linux gives numbers up to 2^22, the others fewer. */
const dead = 2 ** 30;
let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(path.join(tmpdir(), 'hypha-lock-'));
});
afterEach(() => rm(cache, { recursive: true, force: true }));

describe('one job at a time', () => {
  it('is taken once, and again when it is given back', async () => {
    const first = await take(cache, 'job');
    expect(await take(cache, 'job')).toBeNull();
    expect(await take(cache, 'other-job')).not.toBeNull();
    await writeFile(first ?? '', 'free');
    expect(await take(cache, 'job')).not.toBeNull();
    expect((await readdir(cache)).filter((file) => file.startsWith('job.'))).toEqual(['job.2.lock']);
  });

  it('is taken over from a dead owner by one of many who see it dead', async () => {
    for (let round = 0; round < 30; round += 1) {
      const stem = `job-${round}`;
      expect(await take(cache, stem, dead)).not.toBeNull();
      const all = await Promise.all(Array.from({ length: 8 }, () => take(cache, stem)));
      expect(all.filter((file) => file !== null)).toHaveLength(1);
    }
  });

  it('is not taken by who looked before another had taken it over and worked', async () => {
    // As left by a waiter that stood still: number 2 is the next after the dead owner it saw, and long in use since.
    await writeFile(path.join(cache, 'job.3.lock'), String(process.pid));
    await writeFile(path.join(cache, 'job.1.lock'), String(dead));
    expect(await take(cache, 'job')).toBeNull();
    expect(await readFile(path.join(cache, 'job.3.lock'), 'utf8')).toBe(String(process.pid));
  });

  it('waits for an owner that has not written its number yet, for a while', async () => {
    const file = path.join(cache, 'job.1.lock');
    await writeFile(file, '');
    expect(await take(cache, 'job')).toBeNull();
    await utimes(file, new Date(0), new Date(0));
    expect(await take(cache, 'job')).not.toBeNull();
  });

  it('lets works of several commands follow each other', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise(setImmediate);
      inside -= 1;
    };
    const job = { root: '/r', env: { XDG_CACHE_HOME: cache, LOCALAPPDATA: cache }, name: 'job', doing: 'working' };
    await Promise.all([oneAtATime(job, work), oneAtATime(job, work)]);
    expect(most).toBe(1);
  });
});
