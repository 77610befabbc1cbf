#!/usr/bin/env node
/*
 * The Solidity compiler of npm, spoken to as forge speaks to a native one: `--version`, and `--standard-json` from standard
 * input to standard output. forge downloads nothing then.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const solc = createRequire(import.meta.url)('solc');

if (process.argv.includes('--standard-json')) {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')));
} else if (process.argv.includes('--version')) {
  // forge reads the version from this line alone.
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}`);
} else {
  console.error('Only --version and --standard-json.');
  process.exitCode = 1;
}
