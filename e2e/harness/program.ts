import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What is typed; the input is closed after it. */
  readonly input?: string;
  /** Gives up and kills it after so long; a test must not hang. */
  readonly withinMs?: number;
}

/** Run a program to its end. Never throws for an exit code: that is for the caller to judge. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = spawn(program, args, {
    stdio: 'pipe',
    env: { ...process.env, ...options.env },
    cwd: options.cwd,
    timeout: options.withinMs ?? 60_000,
    killSignal: 'SIGKILL',
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // A program that ends before it has read its input is no fault of ours.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

/** Like {@link run}, for programs that must work. */
export async function mustRun(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const ended = await run(program, args, options);
  if (ended.code === 0) return ended;
  throw new Error(`${program} ${args.join(' ')} ended with ${ended.code}: ${ended.stderr || ended.stdout}`);
}

/** Signal a child and wait until it is gone; at once when it is. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}
