import { readFile } from 'node:fs/promises';
import { shippedPaths } from '../local/paths.ts';
import { run } from './run.ts';
import { processTerminal } from './terminal.ts';

/* The `hypha` command. `hypha --help` lists what it can do and its exit codes. */

const interrupted = new AbortController();
// The first Ctrl-C cancels what is under way and waits for that; the second goes at once.
process.on('SIGINT', () => {
  if (interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
});
// `hypha … | head`: who reads no more has had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const { packageFile } = shippedPaths(import.meta.dirname);
const { version } = JSON.parse(await readFile(packageFile, 'utf8')) as { version: string };
const code = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  pid: process.pid,
  directory: import.meta.dirname,
  version,
  terminal: processTerminal(),
  signal: interrupted.signal,
});
// A prompt that was answered elsewhere may still hold the keyboard.
process.exit(code);
