import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cacheDirectory } from './paths.mjs';
import { say } from './say.mjs';

/**
 * Run `work` while no other command does the same job (`name`) for the same checkout. The lock is a folder in the
 * cache, because making a folder is atomic everywhere; `doing` is what a waiting person is told.
 */
export async function oneAtATime({ root, env, name, doing }, work) {
  const cache = cacheDirectory(env, process.platform, os.homedir());
  const lock = path.join(cache, `${name}-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`);
  await mkdir(cache, { recursive: true });
  let told = false;
  for (;;) {
    try {
      await mkdir(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (await abandoned(lock)) {
        await rm(lock, { recursive: true, force: true });
        continue;
      }
      if (!told) say(`another Hypha command is ${doing}; waiting for it`);
      told = true;
      await pause(500);
    }
  }
  try {
    await writeFile(path.join(lock, 'pid'), String(process.pid));
    await work();
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

/** The owner died: its process is gone, or it never wrote its number and a while has passed. */
async function abandoned(lock) {
  const owner = Number(await readFile(path.join(lock, 'pid'), 'utf8').catch(() => ''));
  if (owner > 0) {
    try {
      process.kill(owner, 0);
      return false;
    } catch (error) {
      return error.code === 'ESRCH';
    }
  }
  const made = await stat(lock).catch(() => null);
  return made !== null && Date.now() - made.mtimeMs > 10_000 && !existsSync(path.join(lock, 'pid'));
}
