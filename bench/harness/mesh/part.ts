import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';

/*
 * A benchmark whose parts are processes of their own, so that the CPU time of each can be told apart. A part is a program of
 * this folder that serves methods over the channel Node gives a forked child, and ends with its parent.
 */

// biome-ignore lint/suspicious/noExplicitAny: a constraint on any function there is; `never` would accept no caller.
export type Methods = Readonly<Record<string, (...args: any[]) => unknown>>;

export interface Part<M extends Methods> {
  readonly pid: number;
  ask<K extends keyof M & string>(method: K, ...args: Parameters<M[K]>): Promise<Awaited<ReturnType<M[K]>>>;
  /** At once and without goodbye: SIGKILL. */
  kill(): Promise<void>;
}

interface Call {
  readonly id: number;
  readonly method: string;
  readonly args: unknown[];
}

type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string });

/** Start a program of this folder. @param options of Node, for example `--expose-gc` */
export async function startPart<M extends Methods>(file: string, options: readonly string[] = []): Promise<Part<M>> {
  const child = fork(path.join(import.meta.dirname, file), [], {
    serialization: 'advanced',
    execArgv: [...options],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let next = 0;
  const ready = new Promise<void>((resolve, reject) => {
    child.once('message', () => {
      child.on('message', (message) => answered(waiting, message as Answer));
      resolve();
    });
    child.once('exit', (code, signal) => {
      const error = new Error(`${file} ended (${code ?? signal}).`);
      reject(error);
      for (const one of waiting.values()) one.reject(error);
      waiting.clear();
    });
  });
  await ready;
  return {
    pid: child.pid ?? 0,
    ask: (method, ...args) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ id, method, args } satisfies Call, (error) => {
          if (error !== null && waiting.delete(id)) reject(error);
        });
      }),
    kill: () => kill(child),
  };
}

function answered(
  waiting: Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>,
  answer: Answer,
): void {
  const one = waiting.get(answer.id);
  waiting.delete(answer.id);
  if ('error' in answer) one?.reject(new Error(answer.error));
  else one?.resolve(answer.value);
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** To be called by the program of a part, once. */
export function servePart(methods: Methods): void {
  process.on('message', async (call: Call) => {
    const answer = await Promise.resolve()
      .then(() => methods[call.method]?.(...call.args))
      .then(
        (value): Answer => ({ id: call.id, value }),
        (error: unknown): Answer => ({ id: call.id, error: error instanceof Error ? String(error.stack) : `${error}` }),
      );
    process.send?.(answer);
  });
  process.once('disconnect', () => process.exit(0));
  process.send?.('ready');
}

/** What a part cost until now. */
export interface Usage {
  /** Seconds, user and system. */
  readonly cpu: number;
  /** Bytes. */
  readonly rss: number;
  readonly heap: number;
}

export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpu: (user + system) / 1e6, rss, heap: heapUsed };
}
