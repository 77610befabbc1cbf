import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { createAgent } from '#core/agent.ts';
import type { Caller } from '#core/broker/handlers.ts';
import { systemRandom } from '#core/crypto/random.ts';
import type { Logger } from '#core/host.ts';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { agentContract } from '#shared/contract/agent.ts';
import type { Task } from '#shared/contract/tasks.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import type { Dispatcher } from '#shared/rpc/dispatcher.ts';
import { type Answers, doubleOf } from '#shared/rpc/double.ts';
import { fail } from '#shared/rpc/fail.ts';
import { createConnections } from '../../local/connections.ts';
import { serveLocalSocket } from '../../local/local-socket.ts';
import { writePointer } from '../../local/pointer.ts';
import { socketAddress } from '../../local/socket-path.ts';
import { run } from '../run.ts';
import type { Terminal } from '../terminal.ts';

/* The command line in this process, against an agent on a socket of the test's own. */

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** The data directory of the test under way. */
export let home: string;
/** Undone in reverse order after it. */
export let cleanUp: (() => Promise<void>)[];
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hypha-cli-'));
  // A cache may be written by who is just ending.
  cleanUp = [() => rm(home, { recursive: true, force: true, maxRetries: 5 })];
});
afterEach(async () => {
  for (const step of cleanUp.reverse()) await step();
});

/** Serve an agent, real or double, on a local socket of the test's own home. */
async function serveAgent(dispatcher: Dispatcher<Caller>): Promise<void> {
  const host = { ...createFakeHost(), random: systemRandom };
  const connections = createConnections({ dispatcher, host, log: silent, checkOutputs: true });
  const address = socketAddress({ home, platform: process.platform, runtimeDirectory: home, random: systemRandom });
  const socket = await serveLocalSocket(address, connections);
  await writePointer(home, { pid: process.pid, socket: address, port: null, version: '0', startedAt: 0 });
  cleanUp.push(() => socket.close());
}

export const serveDouble = (answers: Answers<typeof agentContract>) => serveAgent(doubleOf(agentContract, answers));

/** Serve a real agent, without an identity. */
export async function serveReal(): Promise<void> {
  const agent = await createAgent(createFakeHost(), { home, version: '0', log: silent, onStopRequested: () => {} });
  await agent.start();
  cleanUp.push(() => agent.stop());
  await serveAgent(agent.dispatcher);
}

const keySeen = () => ({ keys: Promise.withResolvers<(bytes: Uint8Array) => void>(), keysEnded: 0 });

/** A terminal whose person types `typed`, in order. */
export function fakeTerminal(typed: string[] | null = null, stdin = '') {
  const seen = { out: [] as (string | Uint8Array)[], err: '', questions: [] as string[], ...keySeen() };
  const terminal: Terminal = {
    interactive: typed !== null,
    rewritable: false,
    columns: 80,
    outColumns: typed === null ? null : 80,
    async out(data) {
      seen.out.push(data);
    },
    err(text) {
      seen.err += text;
    },
    async ask(question) {
      seen.questions.push(question);
      const line = typed?.shift();
      if (line === undefined) throw fail('CANCELLED', 'Nothing more is typed.');
      return line;
    },
    keys(take) {
      seen.keys.resolve(take);
      return () => {
        seen.keysEnded += 1;
      };
    },
    readAll: async () => new TextEncoder().encode(stdin),
  };
  return { terminal, seen, stdout: () => seen.out.join('') };
}

/** Run one command line, its words apart by single spaces. */
export async function hypha(line: string, using = fakeTerminal(), signal = new AbortController().signal) {
  const code = await run(line.split(' '), {
    env: { HYPHA_HOME: home },
    cwd: '/somewhere',
    pid: 1,
    directory: join(import.meta.dirname, '..'),
    version: '1.2.3',
    terminal: using.terminal,
    signal,
  });
  return { code, out: using.stdout(), err: using.seen.err, questions: using.seen.questions };
}

export const task = (change: Partial<Task>): Task => ({
  id: 't1' as TaskId,
  method: 'vault.put',
  title: 'Store',
  state: 'running',
  step: null,
  progress: null,
  startedAt: 0,
  endedAt: null,
  cancellable: true,
  input: null,
  result: null,
  failure: null,
  ...change,
});
