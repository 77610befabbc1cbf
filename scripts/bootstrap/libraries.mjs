import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { oneAtATime } from './lock.mjs';
import { explain, runNpm } from './npm.mjs';
import { withNodeFirst } from './paths.mjs';
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
  // Two `npm ci` in one folder destroy each other.
  await oneAtATime({ root, env, name: 'install', doing: 'installing libraries' }, async () => {
    if (await fresh()) return;
    say('installing libraries with npm ci (about a minute, only when they change)');
    // npm ci empties node_modules first and the stamp with it, so a broken-off install is never taken for a good one.
    const args = ['ci', '--no-audit', '--no-fund', '--include=dev', '--loglevel=error'];
    const done = await runNpm(node, args, { cwd: root, env: withNodeFirst(env, node) });
    if (done.code !== 0) throw new Problem(explain('A library', done.stderr));
    await writeFile(path.join(root, stamp), `${key}\n`);
  });
}
