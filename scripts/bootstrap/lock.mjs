import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheDirectory } from './paths.mjs';
import { say } from './say.mjs';

/**
 * Run `work` while no other command does the same job (`name`) for the same checkout. `doing` is what a waiting person
 * is told.
 *
 * The lock is a row of numbered files in the cache; the one with the highest number says who holds it: a process id, or
 * `free`. Taking it is making the next number, which only one can, so that two who find the same owner dead do not both
 * take it over; the highest file is never removed, only those below it. Who made a number that is not the highest (it
 * looked long ago) lets it go again.
 */
export async function oneAtATime({ root, env, name, doing }, work) {
  const cache = cacheDirectory(env, process.platform, os.homedir());
  const stem = `${name}-${createHash('sha256').update(root).digest('hex').slice(0, 16)}`;
  await mkdir(cache, { recursive: true });
  let told = false;
  let mine = null;
  while (mine === null) {
    mine = await take(cache, stem);
    if (mine !== null) break;
    if (!told) say(`another Hypha command is ${doing}; waiting for it`);
    told = true;
    await pause(500);
  }
  try {
    await work();
  } finally {
    await writeFile(mine, 'free');
  }
}

/** The file that says that we hold the lock, or null when somebody else does. */
export async function take(cache, stem, pid = process.pid) {
  const numbers = await held(cache, stem);
  const last = numbers.at(-1) ?? 0;
  if (last > 0 && !(await isFree(fileOf(cache, stem, last)))) return null;
  const mine = fileOf(cache, stem, last + 1);
  try {
    await writeFile(mine, String(pid), { flag: 'wx' });
  } catch (error) {
    if (error.code === 'EEXIST') return null;
    throw error;
  }
  const now = await held(cache, stem);
  if (now.at(-1) !== last + 1) {
    await rm(mine, { force: true });
    return null;
  }
  for (const number of now.slice(0, -1)) await rm(fileOf(cache, stem, number), { force: true });
  return mine;
}

const fileOf = (cache, stem, number) => path.join(cache, `${stem}.${number}.lock`);

/** The numbers there are, in order. */
async function held(cache, stem) {
  const numbers = (await readdir(cache)).flatMap((file) => {
    const number = file.startsWith(`${stem}.`) ? /^\.(\d+)\.lock$/.exec(file.slice(stem.length)) : null;
    return number ? [Number(number[1])] : [];
  });
  return numbers.sort((a, b) => a - b);
}

/** Given back, or the owner died: its process is gone, or it never wrote its number and a while has passed. */
async function isFree(file) {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text === 'free') return true;
  const owner = Number(text);
  if (owner > 0) {
    try {
      process.kill(owner, 0);
      return false;
    } catch (error) {
      return error.code === 'ESRCH';
    }
  }
  const made = await stat(file).catch(() => null);
  return made !== null && Date.now() - made.mtimeMs > 10_000;
}
