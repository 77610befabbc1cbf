import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Agent, createAgent } from '../agent.ts';
import type { Caller } from '../broker/handlers.ts';
import { createFakeHost } from './fake-host.ts';
import { silentLog } from './silent-log.ts';

export const person: Caller = { connection: 'window', face: 'ui', name: 'Window', person: true };
const passphrase = 'correct horse battery';

/** A whole agent in a directory of its own, with the identity of Ann. */
export interface NewAgent {
  readonly home: string;
  readonly agent: Agent;
  /** Through the broker, as whoever asks; by default the person. */
  call(name: string, input: unknown, who?: Caller): Promise<Record<string, unknown>>;
  /** Stop it and start it again on the same directory. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface NewAgentOptions {
  readonly name?: string;
  /** Timers fire as time goes by; without it they never do. */
  readonly realTimers?: boolean;
}

const realTimer = (ms: number, fire: () => void): (() => void) => {
  const timer = setTimeout(fire, ms).unref();
  return () => clearTimeout(timer);
};

/** @param seed another gives another identity, and so another address on the mesh */
export async function startNewAgent(seed = 1, options: NewAgentOptions = {}): Promise<NewAgent> {
  const home = await mkdtemp(join(tmpdir(), 'hypha-agent-'));
  // The real clock: the cost of opening the keystore is measured with it.
  const fake = createFakeHost({ seed });
  const host = { ...fake, now: () => Date.now(), setTimer: options.realTimers ? realTimer : fake.setTimer };
  const begin = async (): Promise<Agent> => {
    const made = await createAgent(host, { home, version: '0', log: silentLog, onStopRequested: () => {} });
    await made.start();
    return made;
  };
  let agent = await begin();
  const call: NewAgent['call'] = async (name, input, who = person) =>
    (await agent.dispatcher.invoke(who, name, input, new AbortController().signal)) as Record<string, unknown>;
  const { draft } = await call('identity.draft', {});
  await call('identity.create', { draft, name: options.name ?? 'Ann', passphrase });
  return {
    ...{ home, call },
    get agent() {
      return agent;
    },
    async restart() {
      await agent.stop();
      agent = await begin();
      await call('identity.unlock', { passphrase });
    },
    async stop() {
      await agent.stop();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
