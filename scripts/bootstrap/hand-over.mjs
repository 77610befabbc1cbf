import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { withNodeFirst } from './paths.mjs';
import { say } from './say.mjs';

/**
 * Run a program under that Node to its end, with our own terminal and its exit code as ours. Ctrl-C reaches the child by
 * itself, so it is only waited for.
 */
export function handOver(node, program, args, cwd) {
  const child = spawn(node, [program, ...args], { cwd, stdio: 'inherit', env: withNodeFirst(process.env, node) });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT') child.kill(signal);
    });
  }
  child.on('error', (error) => {
    say(`Could not start ${node}: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('close', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 1);
  });
}
