import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { build } from 'vite';
import { oneAtATime } from '../bootstrap/lock.mjs';
import { hashSources } from './sources.ts';
import { type Bundle, bundles, configOf } from './targets.ts';

/**
 * Build the renderer and every Node bundle into out/. Writes the hash of the sources last, so that a build that broke
 * off counts as stale. `onlyIfStale` leaves a current out/ alone.
 */
export async function buildAll({ root, onlyIfStale = false }: { root: string; onlyIfStale?: boolean }): Promise<void> {
  const stamp = path.join(root, 'out', '.sources');
  const current = async () => (await readFile(stamp, 'utf8').catch(() => '')) === (await hashSources(root));
  if (onlyIfStale && (await current())) return;
  await oneAtATime({ root, env: process.env, name: 'build', doing: 'building' }, async () => {
    if (onlyIfStale && (await current())) return;
    const hash = await hashSources(root);
    const began = process.hrtime.bigint();
    await rm(stamp, { force: true });
    for (const bundle of bundles) await buildBundle(root, bundle);
    await build({
      root: path.join(root, 'src-renderer'),
      configFile: path.join(root, 'vite.config.ts'),
      logLevel: 'error',
    });
    await mkdir(path.dirname(stamp), { recursive: true });
    await writeFile(stamp, hash);
    const seconds = Number(process.hrtime.bigint() - began) / 1e9;
    process.stderr.write(`hypha: built in ${seconds.toFixed(1)} s\n`);
  });
}

async function buildBundle(root: string, bundle: Bundle): Promise<void> {
  await build(configOf(root, bundle));
}
