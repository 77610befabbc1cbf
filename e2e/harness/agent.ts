import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { AgentClient } from '#shared/contract/agent.ts';
import type { Role } from '#shared/rpc/frames.ts';
import { connectLocal, type LocalConnection } from '../../src-main/local/local-client.ts';
import { type Ended, end, type RunOptions, run } from './program.ts';

const root = path.join(import.meta.dirname, '..', '..');
const daemon = path.join(root, 'out', 'daemon', 'daemon.js');
const command = path.join(root, 'out', 'daemon', 'hypha.js');

const readyLine = z.object({ url: z.string(), port: z.number(), pid: z.number(), socket: z.string() });

/** A person at a terminal: may do everything, so tests reach a state without clicking through to it. */
const person: Role = { face: 'cli', person: true, name: 'Test' };

/** The real agent as a child process on a data directory of its own. */
export interface TestAgent {
  readonly home: string;
  readonly pid: number;
  readonly port: number;
  /** The one-time link it printed. */
  readonly url: string;
  /** A further one-time link. */
  link(): Promise<string>;
  connect(role?: Role): Promise<LocalConnection>;
  /** The built `hypha` command, pointed at this agent. */
  hypha(args: readonly string[], options?: RunOptions): Promise<Ended>;
  /** What it wrote to stdout and stderr so far. */
  output(): string;
  /** Pull the plug. The data directory stays. */
  kill(): Promise<void>;
  /** Ask it to end in order. The data directory stays. */
  stop(): Promise<void>;
}

/** Start the built daemon. `port` 0 is any free one; left out, the one of its last start. */
export async function startAgent(options: {
  home: string;
  port?: number;
  env?: Readonly<Record<string, string>>;
}): Promise<TestAgent> {
  const { home } = options;
  const args = [daemon, '--home', home, '--headless', '--json'];
  if (options.port !== undefined) args.push('--port', String(options.port));
  const env = { ...process.env, HYPHA_CHECK_OUTPUTS: '1', ...options.env };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  // Whoever drives it may break; the agent does not stay behind.
  const leave = () => void child.kill('SIGKILL');
  process.once('exit', leave);
  child.once('exit', () => process.off('exit', leave));
  const said: string[] = [];
  const ready = readyLine.parse(JSON.parse(await firstLine(child, said)));

  const connect = async (role = person) => (await connectLocal(home, role)).connection;
  return {
    home,
    pid: ready.pid,
    port: ready.port,
    url: ready.url,
    connect,
    async link() {
      const connection = await connect();
      const { url } = await connection.client['system.link']({});
      connection.close();
      return url;
    },
    hypha: (words, more = {}) =>
      run(process.execPath, [command, ...words], { ...more, env: { ...more.env, HYPHA_HOME: home } }),
    output: () => said.join(''),
    kill: () => end(child, 'SIGKILL'),
    stop: () => end(child, 'SIGTERM'),
  };
}

async function firstLine(child: ChildProcess, said: string[]): Promise<string> {
  const line = Promise.withResolvers<string>();
  let stdout = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.push(text);
    stdout += text;
    const end = stdout.indexOf('\n');
    if (end >= 0) line.resolve(stdout.slice(0, end));
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const early = once(child, 'exit').then(([code]) => {
    throw new Error(`The agent ended with ${code} before it was ready:\n${said.join('')}`);
  });
  early.catch(() => {});
  return Promise.race([line.promise, early]);
}

/** A data directory that is gone afterwards. Short, because sockets lie near it. */
export async function temporaryHome(): Promise<{ home: string; remove(): Promise<void> }> {
  const home = await mkdtemp(path.join(tmpdir(), 'hypha-e2e-'));
  return { home, remove: () => rm(home, { recursive: true, force: true, maxRetries: 3 }) };
}

/** The result of a task, once it has ended. @throws Error with the failure's words when it did not end well. */
export async function taskResult(client: AgentClient, started: { task: string }): Promise<unknown> {
  for await (const task of client['tasks.watch']({ task: started.task as never })) {
    if (task.state === 'running') continue;
    if (task.state === 'done') return task.result;
    throw new Error(`${task.title} ${task.state}: ${task.failure?.code} ${task.failure?.message}`);
  }
  throw new Error('The task was lost sight of.');
}
