import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('./agent-child.ts', import.meta.url));

type Code = { readonly code: string };
interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: Code & { readonly message: string; readonly next: string };
  readonly progress?: number;
}

/** A whole agent in a process of its own. */
export interface ChildAgent {
  readonly name: string;
  /** A call; of a task its result. @throws what it failed with, `code` and all; `KILLED` when the process ended meanwhile */
  call<T = Record<string, never>>(method: string, input?: unknown, onProgress?: (done: number) => void): Promise<T>;
  /** All bytes of a stream. */
  read(method: string, input: unknown): Promise<Buffer>;
  /** As a power cut: nothing is said, nothing is written. */
  kill(): Promise<void>;
  /** Stop as a quit does. */
  stop(): Promise<void>;
  /** On the same directory, unlocked. */
  start(): Promise<void>;
}

export async function startChildAgent(home: string, name: string, seed: number): Promise<ChildAgent> {
  let running: ChildProcess | null = null;
  let ids = 0;
  const waiting = new Map<number, { take(answer: Answer): void; progress(done: number): void }>();

  const wait = (id: number, progress: (done: number) => void = () => {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.set(id, {
        progress,
        take({ result, error }) {
          waiting.delete(id);
          if (error) reject(Object.assign(new Error(error.message), error));
          else resolve(result);
        },
      });
    });
  const killed = { code: 'KILLED', message: `${name} was killed`, next: '' };

  const start = async (): Promise<void> => {
    const ready = wait(0);
    const process_ = spawn(process.execPath, ['--no-warnings', child, home, name, String(seed)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    running = process_;
    process_.stdin.on('error', () => {});
    createInterface({ input: process_.stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      const who = waiting.get(answer.id);
      if (answer.progress !== undefined) who?.progress(answer.progress);
      else who?.take(answer);
    });
    process_.on('exit', () => {
      for (const [id, who] of [...waiting]) who.take({ id, error: killed });
    });
    await ready;
  };
  const end = async (how: (process_: ChildProcess) => void): Promise<void> => {
    const process_ = running;
    running = null;
    if (!process_ || process_.exitCode !== null || process_.signalCode !== null) return;
    const gone = once(process_, 'exit');
    how(process_);
    await gone;
  };
  const ask = (method: string, input: unknown, whole: boolean, onProgress?: (done: number) => void) => {
    const id = ++ids;
    const answer = wait(id, onProgress);
    running?.stdin?.write(`${JSON.stringify({ id, method, input, whole })}\n`);
    return answer;
  };
  await start();
  return {
    name,
    call: (method, input = {}, onProgress) => ask(method, input, false, onProgress) as Promise<never>,
    read: async (method, input) => Buffer.from((await ask(method, input, true)) as string, 'base64'),
    kill: () => end((process_) => void process_.kill('SIGKILL')),
    stop: () => end((process_) => void process_.stdin?.end()),
    start,
  };
}
