import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { npmCandidates } from './paths.mjs';
import { Problem } from './say.mjs';

/** npm's cli.js, to be run with the Node of our choice. */
export function findNpm(env = process.env) {
  const onPath = (env.PATH ?? env.Path ?? '').split(path.delimiter).filter(Boolean);
  const direct = npmCandidates(env, process.platform, process.execPath, onPath).find(existsSync);
  if (direct !== undefined) return direct;
  // A linked command (nvm, Homebrew, Debian) leads to it.
  for (const folder of onPath) {
    const command = path.join(folder, 'npm');
    if (existsSync(command) && path.basename(realpathSync(command)) === 'npm-cli.js') return realpathSync(command);
  }
  throw new Problem('npm was not found beside Node. Install it (Debian: apt install npm), then try again.');
}

/** Run npm; resolves to its exit code and everything it printed. `show` also passes stderr on as it comes. */
export function runNpm(node, args, { cwd, env, show = false }) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [findNpm(env), ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      if (show) process.stderr.write(chunk);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/** Codes npm gives when the registry cannot be reached at all, as opposed to a package that is wrong. */
const network =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|E50[0-9]|ENOTCACHED)\b/;

/** One line that says what is missing and why, from what npm printed. */
export function explain(what, stderr) {
  const reached = network.exec(stderr);
  if (reached !== null) {
    return `${what} is missing and the npm registry could not be reached (${reached[1]}). Connect once and run this again.`;
  }
  const reason = stderr
    .split('\n')
    .filter((line) => /^npm (error|ERR!)/.test(line))
    .map((line) => line.replace(/^npm (error|ERR!)\s*/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('A complete log'))
    .slice(0, 3)
    .join(' ');
  return `${what} could not be installed: ${reason || 'npm gave no reason'}`;
}
