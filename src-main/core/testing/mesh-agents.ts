import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, createAgent } from '../agent.ts';
import type { Caller } from '../broker/handlers.ts';
import { createFakeHost } from './fake-host.ts';
import { silentLog } from './silent-log.ts';

const person: Caller = { connection: 'window', face: 'ui', name: 'Window', person: true };
export const passphrase = 'correct horse battery';

/** A whole agent on the real clock, which can be stopped and started on its directory. */
export interface MeshAgent {
  readonly home: string;
  readonly name: string;
  /** What it answered, taken for what the caller says it is. */
  call<T = Record<string, never>>(method: string, input?: unknown): Promise<T>;
  /** Start a task and wait for its end. @throws what it failed with */
  task<T = Record<string, never>>(method: string, input?: unknown): Promise<T>;
  read(method: string, input: unknown): Promise<Buffer>;
  /** Stop and start again; unlocked. */
  restart(unlock?: boolean): Promise<void>;
  stop(): Promise<void>;
  /** Stopped, and its directory gone. */
  end(): Promise<void>;
  start(): Promise<void>;
}

/** A person of their own; with `words`, one who is there already. */
export async function startMeshAgent(name: string, seed: number, words?: readonly string[]): Promise<MeshAgent> {
  const agent = await beginMeshAgent(name, seed);
  if (words) {
    await agent.call('identity.restore', { words, name, passphrase });
    return agent;
  }
  const { draft } = await agent.call<{ draft: string }>('identity.draft');
  await agent.call('identity.create', { draft, name, passphrase });
  return agent;
}

/** Another device of the person of `first`, paired with the keys over loopback, as two people at two screens would. */
export async function pairMeshAgent(first: MeshAgent, name: string, seed: number, withKeys = true): Promise<MeshAgent> {
  type Shown = { state: string; code: string | null; addresses: string[]; failure: unknown };
  const second = await beginMeshAgent(name, seed);
  const shown = async (who: MeshAgent, state: string): Promise<Shown> => {
    for (;;) {
      const now = await who.call<Shown>('pairing.status');
      if (now.state === state) return now;
      if (now.state === 'failed') throw new Error(JSON.stringify(now.failure));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const { addresses } = await first.call<Shown>('pairing.offer');
  await second.call('pairing.join', { at: `127.0.0.1:${addresses[0]?.split(':').at(-1)}`, name });
  const { code } = await shown(second, 'comparing');
  await shown(first, 'comparing');
  await second.call('pairing.answer', { code, equal: true });
  await first.call('pairing.answer', { code, equal: true, withKeys });
  if (withKeys) {
    await shown(second, 'protecting');
    await second.call('pairing.protect', { passphrase });
  }
  await shown(second, 'done');
  return second;
}

async function beginMeshAgent(name: string, seed: number): Promise<MeshAgent> {
  const home = await mkdtemp(join(tmpdir(), `hypha-${name.toLowerCase()}-`));
  const host = {
    ...createFakeHost({ seed }),
    now: () => Date.now(),
    setTimer(ms: number, fire: () => void) {
      const timer = setTimeout(fire, ms).unref();
      return () => clearTimeout(timer);
    },
  };
  let agent: Agent | null = null;
  const start = async (): Promise<void> => {
    agent = await createAgent(host, { home, version: '0', log: silentLog, onStopRequested: () => {} });
    await agent.start();
  };
  const stop = async (): Promise<void> => {
    const was = agent;
    agent = null;
    await was?.stop();
  };
  const running = (): Agent => {
    if (agent === null) throw new Error(`${name} is stopped`);
    return agent;
  };
  const call = async <T>(method: string, input: unknown = {}): Promise<T> =>
    (await running().dispatcher.invoke(person, method, input, new AbortController().signal)) as T;
  await start();
  return {
    ...{ home, name, call, start, stop },
    async task(method, input = {}) {
      const { task } = await call<{ task: string }>(method, input);
      for await (const view of running().dispatcher.stream(
        person,
        'tasks.watch',
        { task },
        new AbortController().signal,
      ) as AsyncIterable<{ state: string; result?: unknown; failure?: { code: string; message: string } }>) {
        if (view.state === 'done') return view.result as never;
        if (view.state !== 'running') {
          throw Object.assign(new Error(view.failure?.message ?? view.state), {
            code: view.failure?.code ?? view.state,
          });
        }
      }
      throw new Error('a task without an end');
    },
    async read(method, input) {
      const pieces: Uint8Array[] = [];
      const stream = running().dispatcher.stream(person, method, input, new AbortController().signal);
      for await (const piece of stream) pieces.push(piece as Uint8Array);
      return Buffer.concat(pieces);
    },
    async restart(unlock = true) {
      await stop();
      await start();
      if (unlock) await call('identity.unlock', { passphrase });
    },
    async end() {
      await stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
