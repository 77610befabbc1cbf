import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { cacheDirectory } from '../bootstrap/paths.mjs';

/** Electron's program below its dist folder, as its own installer names it. */
export function programIn(dist: string, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return path.join(dist, 'Electron.app', 'Contents', 'MacOS', 'Electron');
  return path.join(dist, platform === 'win32' ? 'electron.exe' : 'electron');
}

/** How long Electron's own installer may take to fetch about 100 MB. */
const fetchWithinMs = 300_000;
/** A failed fetch is not tried again for so long; a start must not wait for it each time. */
const rememberMs = 24 * 3_600_000;

/**
 * Electron's program, fetched with Electron's own installer when it is missing; or why there is none. A failure is
 * remembered in the cache for a day (HYPHA_FETCH_ELECTRON=1 tries again at once).
 */
export async function findElectron(root: string): Promise<{ program: string } | { missing: string }> {
  const given = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (given !== undefined && given !== '') {
    const program = programIn(given, process.platform);
    return existsSync(program)
      ? { program }
      : { missing: `ELECTRON_OVERRIDE_DIST_PATH names no Electron (${program})` };
  }
  const program = programIn(path.join(root, 'node_modules', 'electron', 'dist'), process.platform);
  if (existsSync(program)) return { program };
  const installer = path.join(root, 'node_modules', 'electron', 'install.js');
  if (!existsSync(installer)) return { missing: 'the Electron runtime is not installed' };

  const { version } = JSON.parse(await readFile(path.join(path.dirname(installer), 'package.json'), 'utf8'));
  const cache = cacheDirectory(process.env, process.platform, os.homedir());
  const memory = path.join(cache, `electron-${version}-unavailable`);
  const failedAt = (await stat(memory).catch(() => null))?.mtimeMs ?? 0;
  const missing = 'the Electron runtime could not be fetched (HYPHA_FETCH_ELECTRON=1 tries again)';
  if (process.env.HYPHA_FETCH_ELECTRON !== '1' && Date.now() - failedAt < rememberMs) return { missing };

  process.stderr.write(`hypha: fetching the Electron ${version} runtime (about 100 MB, once)\n`);
  await runInstaller(installer);
  if (existsSync(program)) {
    await rm(memory, { force: true });
    return { program };
  }
  await mkdir(cache, { recursive: true });
  await writeFile(memory, 'Electron’s installer could not fetch its runtime.\n');
  return { missing };
}

function runInstaller(installer: string): Promise<void> {
  return new Promise((resolve) => {
    // Its own stack trace says nothing that the one line above does not.
    const child = spawn(process.execPath, [installer], { stdio: 'ignore', timeout: fetchWithinMs });
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
}
