import { spawn } from 'node:child_process';

/** What a program printed before it ended, or killed itself. */
export interface Ended {
  readonly lines: string[];
  readonly killed: boolean;
  readonly errors: string;
}

/** Run a program of a test that kills itself somewhere on the way. */
export async function runChild(program: string, args: readonly string[]): Promise<Ended> {
  const running = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  running.stdout.on('data', (d: Buffer) => {
    out += d;
  });
  running.stderr.on('data', (d: Buffer) => {
    errors += d;
  });
  const signal = await new Promise<string | null>((resolve) => running.on('close', (_, s) => resolve(s)));
  return { lines: out.split('\n').filter(Boolean), killed: signal === 'SIGKILL', errors };
}
