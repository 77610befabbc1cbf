#!/usr/bin/env node
/**
 * The `hypha` command of a clone: `npx hypha`, or this file by its path or by a link to it, from any directory. Runs on
 * Node 20 and hands over to the built command line under a Node >= 24. (The headless tarball has a start file of its own.)
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { handOver } from './bootstrap/hand-over.mjs';
import { ensureNode } from './bootstrap/node-runtime.mjs';
import { Problem, say } from './bootstrap/say.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const program = path.join(root, 'out', 'daemon', 'hypha.js');

try {
  if (!existsSync(program)) {
    throw new Problem(
      `Hypha is not built yet. Run npm start in ${root} once, or npm run build to build and start nothing.`,
    );
  }
  const node = await ensureNode({ env: process.env, platform: process.platform, arch: process.arch });
  handOver(node, program, process.argv.slice(2), process.cwd());
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  say(error.message);
  process.exitCode = 1;
}
