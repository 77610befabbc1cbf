import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { buildAll } from './build/build-all.ts';
import { chooseShell, sandboxRefusal } from './start/choose-shell.ts';
import { findElectron } from './start/electron-runtime.ts';

/**
 * `npm start`: build what changed, then open Hypha in a window, or where that cannot work as a local web page.
 * `--headless` runs the agent, prints its URL and opens nothing. Other arguments (`--home DIR`, `--port N`) pass on.
 */
const root = process.cwd();
const args = process.argv.slice(2);
await buildAll({ root, onlyIfStale: true });
process.stderr.write(
  `hypha: the command line is npx hypha in this folder, or ${path.join(root, 'scripts', 'hypha.mjs')} anywhere\n`,
);

const linux = process.platform === 'linux';
let electron = '';
const choice = await chooseShell({
  headless: args.includes('--headless'),
  platform: process.platform,
  display: !linux || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY),
  root: process.getuid?.() === 0,
  sandboxRefused: linux ? sandboxRefusal(kernelFacts()) : null,
  async runtimeMissing() {
    const found = await findElectron(root);
    if ('missing' in found) return found.missing;
    electron = found.program;
    return null;
  },
});

if (choice.shell === 'electron') {
  follow(electron, [root, ...args]);
} else {
  if (choice.why !== null) process.stderr.write(`hypha: ${choice.why}\n`);
  follow(process.execPath, [path.join(root, 'out', 'daemon', 'daemon.js'), ...args]);
}

/** Run to the end in our place. Ctrl-C reaches the child by itself. */
function follow(program: string, programArgs: string[]): void {
  const child = spawn(program, programArgs, { stdio: 'inherit' });
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  child.on('error', (error) => {
    process.stderr.write(`hypha: could not start ${program}: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on('close', (code) => {
    process.exitCode = code ?? 1;
  });
}

function kernelFacts() {
  const helper = path.join(
    process.env.ELECTRON_OVERRIDE_DIST_PATH ?? path.join(root, 'node_modules/electron/dist'),
    'chrome-sandbox',
  );
  const found = statSync(helper, { throwIfNoEntry: false });
  return {
    unprivilegedUsernsClone: textOf('/proc/sys/kernel/unprivileged_userns_clone'),
    apparmorRestrict: textOf('/proc/sys/kernel/apparmor_restrict_unprivileged_userns'),
    maxUserNamespaces: textOf('/proc/sys/user/max_user_namespaces'),
    setuidHelper: found !== undefined && found.uid === 0 && (found.mode & 0o4000) !== 0,
  };
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
