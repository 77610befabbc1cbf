import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { explain, runNpm } from './npm.mjs';
import { cacheDirectory, withNodeFirst } from './paths.mjs';
import { Problem, say } from './say.mjs';

const stamp = path.join('node_modules', '.hypha-install');

/** What a good install of this lock file, on this system, leaves in the stamp. */
export function installKey(lockfile, platform, arch) {
  return createHash('sha256').update(`${platform}-${arch}\n`).update(lockfile).digest('hex');
}

/** Run `npm ci` when node_modules is missing or was made from another package-lock.json. */
export async function installLibraries({ root, node, env }) {
  const key = installKey(await readFile(path.join(root, 'package-lock.json')), process.platform, process.arch);
  const fresh = async () => (await readFile(path.join(root, stamp), 'utf8').catch(() => '')).trim() === key;
  if (await fresh()) return;
  await oneAtATime(root, env, async () => {
    if (await fresh()) return;
    say('installing libraries with npm ci (about a minute, only when they change)');
    // npm ci empties node_modules first and the stamp with it, so a broken-off install is never taken for a good one.
    const args = ['ci', '--no-audit', '--no-fund', '--include=dev', '--loglevel=error'];
    const done = await runNpm(node, args, { cwd: root, env: withNodeFirst(env, node) });
    if (done.code !== 0) throw new Problem(explain('A library', done.stderr));
    await writeFile(path.join(root, stamp), `${key}\n`);
  });
}

/** Two `npm ci` in one folder destroy each other. The lock is a folder in the cache, named by the checkout. */
async function oneAtATime(root, env, work) {
  const cache = cacheDirectory(env, process.platform, os.homedir());
  const lock = path.join(cache, `install-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`);
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
      if (!told) say('another Hypha command is installing libraries; waiting for it');
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
