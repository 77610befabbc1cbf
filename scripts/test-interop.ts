import path from 'node:path';
import process from 'node:process';
import { run } from './test-run/run.ts';

/**
 * `MYCELIUM_BIN=FILE ZDB_BIN=FILE ZSTOR_BIN=FILE npm run test:interop [-- words]`: our mesh against a real Mycelium daemon, a place of
 * the vault in a real 0-db, and objects of zstor against the real zstor on real 0-dbs. Not part of `npm test`'s promise, because
 * these programs are no dependencies of ours: what is not named is skipped, here too.
 */
const peers = { MYCELIUM_BIN: 'Mycelium daemon (v0.7)', ZDB_BIN: '0-db (2.0.7)', ZSTOR_BIN: 'zstor (0.4.0)' };
for (const [name, what] of Object.entries(peers)) {
  const binary = process.env[name] ?? '';
  console.log(
    binary === ''
      ? `Tests with a real ${what} will be skipped, because ${name} names none: ${name}=FILE npm run test:interop`
      : `Against the ${what} ${binary}`,
  );
}
const vitest = path.join('node_modules', 'vitest', 'vitest.mjs');
const suites = [
  'src-main/core/mesh/interop',
  'src-main/core/vault/zstor/interop',
  'src-main/core/vault/remote/zdb/interop',
  'src-main/core/vault/zdb-server/interop',
];
process.exitCode = await run([vitest, 'run', '--project', 'node', ...suites, ...process.argv.slice(2)]);
