/**
 * The one door into this repository: `npm start`, `npm test` and every `npm run` come through here.
 *
 * Runs on Node 20 with no dependencies. Makes sure that a Node >= 24 and the libraries are there, then hands over to
 * `scripts/<name>.ts` under that Node, with it first in PATH. npm itself also runs under it: npm under Node 20
 * silently leaves out packages whose `engines` want more.
 *
 *   node scripts/bootstrap.mjs start [--headless] [--home DIR]
 *   node scripts/bootstrap.mjs test [filters]
 *   node scripts/bootstrap.mjs run NAME [arguments]
 *
 * The exit code is that of the script handed over to.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { handOver } from './bootstrap/hand-over.mjs';
import { installLibraries } from './bootstrap/libraries.mjs';
import { ensureNode } from './bootstrap/node-runtime.mjs';
import { Problem, say } from './bootstrap/say.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Scripts that live beside what they drive rather than in scripts/. */
const elsewhere = { bench: 'bench/run.ts', screens: 'e2e/screens.ts' };

function scriptFor(mode, name) {
  if (mode === 'start' || mode === 'test') return path.join(root, 'scripts', `${mode}.ts`);
  if (mode !== 'run' || name === undefined || !/^[a-z][a-z0-9-]*$/.test(name)) {
    throw new Problem('Say what to do: start, test, or run NAME.');
  }
  const candidates = [path.join(root, 'scripts', `${name}.ts`), path.join(root, elsewhere[name] ?? '')];
  const found = candidates.find((file) => file.endsWith('.ts') && existsSync(file));
  if (found === undefined) throw new Problem(`There is no script named ${name}.`);
  return found;
}

try {
  const [mode, ...rest] = process.argv.slice(2);
  const name = mode === 'run' ? rest.shift() : undefined;
  const args = rest[0] === '--' ? rest.slice(1) : rest;
  const script = scriptFor(mode, name);
  const node = await ensureNode({ env: process.env, platform: process.platform, arch: process.arch });
  await installLibraries({ root, node, env: process.env });
  handOver(node, script, args, root);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  say(error.message);
  process.exitCode = 1;
}
