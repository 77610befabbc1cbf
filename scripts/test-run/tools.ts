import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { installCommand, missingTools, objection } from './packages.ts';

const exec = promisify(execFile);

/**
 * Bring the real parts that tests need. As root on a Debian system they are installed with apt, after the
 * contents of every package it would add have been looked through for anything that starts a service. Elsewhere the one command is named, and
 * the tests that need the part are skipped with that reason.
 */
export async function provideTools(): Promise<void> {
  const missing = missingTools(process.platform, isProgram);
  if (missing.length === 0) return;
  const root = process.getuid?.() === 0;
  if (!root || !isProgram('apt-get')) {
    console.log(`missing for some tests: ${missing.map((one) => one.program).join(', ')}`);
    console.log(`install with: ${installCommand(process.platform, missing)}`);
    return;
  }
  try {
    await aptInstall([...new Set(missing.map((one) => one.debian))]);
  } catch (error) {
    console.log(`could not install ${missing.map((one) => one.debian).join(', ')}: ${reason(error)}`);
    console.log('the tests that need them are skipped');
  }
}

/**
 * Download, look through, and only then install. Nothing is installed when one package is refused.
 *
 * @throws Error that names the package and what it brings.
 */
export async function aptInstall(packages: readonly string[]): Promise<void> {
  const cache = await mkdtemp(path.join(os.tmpdir(), 'hypha-apt-'));
  try {
    await mkdir(path.join(cache, 'partial'));
    // apt's own unprivileged user must be able to write there.
    await chmod(cache, 0o755);
    const flags = ['-y', '-q', '--no-install-recommends', '-o', `Dir::Cache::archives=${cache}`];
    const download = () => exec('apt-get', [...flags, '--download-only', 'install', ...packages], quiet);
    console.log(`downloading ${packages.join(', ')} with apt`);
    // A fresh machine has no package lists yet.
    await download().catch(async () => {
      await exec('apt-get', ['update', '-q'], quiet);
      await download();
    });
    for (const file of (await readdir(cache)).filter((name) => name.endsWith('.deb'))) {
      const { stdout } = await exec('dpkg-deb', ['--contents', path.join(cache, file)], quiet);
      const name = file.split('_')[0] ?? file;
      const problem = objection(name, stdout);
      if (problem !== null) throw new Error(`refused, because apt would also install ${name}, and ${problem}`);
    }
    await exec('apt-get', [...flags, 'install', ...packages], quiet);
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}

const quiet = {
  maxBuffer: 64 * 1024 * 1024,
  env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
};

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text =
    'stderr' in error && typeof error.stderr === 'string' && error.stderr !== '' ? error.stderr : error.message;
  return text.trim().split('\n').at(-1) ?? 'no reason given';
}

function isProgram(name: string): boolean {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  if (path.isAbsolute(name)) return isExecutable(name);
  return (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter(Boolean)
    .some((folder) => endings.some((ending) => isExecutable(path.join(folder, name + ending))));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
