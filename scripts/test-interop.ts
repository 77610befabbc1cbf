import path from 'node:path';
import process from 'node:process';
import { run } from './test-run/run.ts';

/**
 * `MYCELIUM_BIN=FILE npm run test:interop [-- words]`: our mesh against a real Mycelium daemon. Not part of `npm test`'s
 * promise, because the daemon is no dependency of ours: without MYCELIUM_BIN every test of it is skipped, here too.
 */
const binary = process.env.MYCELIUM_BIN ?? '';
console.log(
  binary === ''
    ? 'All tests will be skipped, because MYCELIUM_BIN names no Mycelium daemon (v0.7): MYCELIUM_BIN=FILE npm run test:interop'
    : `Against ${binary}`,
);
const vitest = path.join('node_modules', 'vitest', 'vitest.mjs');
const suite = 'src-main/core/mesh/interop';
process.exitCode = await run([vitest, 'run', '--project', 'node', suite, ...process.argv.slice(2)]);
