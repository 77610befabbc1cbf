import { type AgentContract, agentContract, contractVersion } from '#shared/contract/agent.ts';
import type { AgentEvent } from '#shared/contract/system.ts';
import { type Answers, doubleOf } from '#shared/rpc/double.ts';
import { connect } from '#shared/rpc/peer.ts';
import { serve } from '#shared/rpc/server.ts';
import { memoryPair } from '#shared/rpc/transports/memory.ts';
import type { Open } from '../lib/agent/open.ts';

export interface FakeAgent {
  /** Give this to an AgentLink. Fails while {@link FakeAgent.away}. */
  open: Open;
  /** Tell every connected client that something changed. */
  emit(topic: AgentEvent['topic']): void;
  /** Cut all connections; `true` keeps new ones from being made. */
  cut(stayAway?: boolean): void;
  away: boolean;
  /** Names of methods called, in order. */
  readonly calls: string[];
}

/**
 * An agent made of answers, behind the real peer and the memory transport: what the interface sees is what the wire
 * would carry. Methods without an answer fail by name. `system.events` is always there.
 */
export function createFakeAgent(answers: Answers<AgentContract>): FakeAgent {
  const listeners = new Set<(event: AgentEvent) => void>();
  const closers = new Set<() => void>();
  const calls: string[] = [];

  async function* events(_input: unknown, signal: AbortSignal): AsyncIterable<AgentEvent> {
    const queue: AgentEvent[] = [];
    let wake = Promise.withResolvers<void>();
    const listener = (event: AgentEvent) => {
      queue.push(event);
      wake.resolve();
    };
    const stop = () => wake.resolve();
    listeners.add(listener);
    signal.addEventListener('abort', stop);
    try {
      while (!signal.aborted) {
        for (let event = queue.shift(); event; event = queue.shift()) yield event;
        await wake.promise;
        wake = Promise.withResolvers<void>();
      }
    } finally {
      listeners.delete(listener);
    }
  }

  const inner = doubleOf(agentContract, { 'system.events': events, ...answers });
  const agent: FakeAgent = {
    away: false,
    calls,
    open: async (signal) => {
      if (agent.away) throw new Error('The agent is away.');
      const [near, far] = memoryPair();
      serve(far, {
        contract: agentContract,
        version: contractVersion,
        dispatcher: {
          ...inner,
          invoke: (caller, method, input, abort) => {
            calls.push(method);
            return inner.invoke(caller, method, input, abort);
          },
        },
        accept: ({ role }) => ({ caller: role, connection: 'fake' }),
        checkOutputs: true,
        newIncident: () => 'fake-incident',
        log: ({ error }) => console.error(error),
      });
      const connection = await connect(near, {
        contract: agentContract,
        version: contractVersion,
        role: { face: 'ui', person: true, name: 'Test' },
        signal,
      });
      closers.add(() => far.close());
      return connection;
    },
    emit: (topic) => {
      for (const listener of [...listeners]) listener({ topic, ids: [] });
    },
    cut: (stayAway = false) => {
      agent.away = stayAway;
      for (const close of [...closers]) close();
      closers.clear();
    },
  };
  return agent;
}
