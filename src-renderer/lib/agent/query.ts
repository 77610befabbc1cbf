import { QueryClient } from '@tanstack/react-query';
import type { MethodName } from '#shared/contract/agent.ts';
import type { AgentLink } from './link.ts';
import { methodsOf, type Topic } from './topics.ts';

/** What the interface remembers of a listing so that it can be looked at while the agent is away. */
export interface OfflineStore {
  /** Whether answers of this method are worth keeping. */
  keeps(method: MethodName): boolean;
  put(method: MethodName, input: unknown, value: unknown): Promise<void>;
  get(method: MethodName, input: unknown): Promise<{ value: unknown; at: number } | null>;
}

/** Agent state is fresh until an event says otherwise; failures are shown, not tried again behind the person's back. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 10 * 60_000,
        retry: false,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}

export const queryKey = (method: MethodName, input: unknown) => ['agent', method, input] as const;

/** Ask the agent; while it is away, answer from what was kept. */
export async function ask(
  link: AgentLink,
  offline: OfflineStore | null,
  method: MethodName,
  input: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (link.state.phase !== 'ready' && offline?.keeps(method)) {
    const kept = await offline.get(method, input);
    if (kept) return kept.value;
  }
  const value = await link.connection().call(method, input, { signal });
  if (offline?.keeps(method)) void offline.put(method, input, value);
  return value;
}

/**
 * Follow `system.events` and mark what changed as stale. Events within `batchMs` are taken together: a task's progress
 * may come many times a second.
 */
export function followEvents(link: AgentLink, client: QueryClient, batchMs = 80): () => void {
  let abort: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  const topics = new Set<Topic>();
  const flush = () => {
    timer = null;
    const stale = new Set<string>([...topics].flatMap(methodsOf));
    topics.clear();
    void client.invalidateQueries({ predicate: (q) => q.queryKey[0] === 'agent' && stale.has(String(q.queryKey[1])) });
  };
  const follow = async (signal: AbortSignal) => {
    for await (const event of link.connection().client['system.events']({}, { signal })) {
      topics.add(event.topic);
      timer ??= setTimeout(flush, batchMs);
    }
  };
  let seen: unknown = null;
  const onState = () => {
    const { state } = link;
    const connection = state.phase === 'ready' ? state.connection : null;
    if (connection === seen) return;
    seen = connection;
    abort?.abort();
    abort = null;
    if (!connection) return;
    abort = new AbortController();
    // Events were missed while away: everything is asked again.
    void client.invalidateQueries({ queryKey: ['agent'] });
    void follow(abort.signal).catch(() => {}); // the link tells of the loss
  };
  const unsubscribe = link.subscribe(onState);
  onState();
  return () => {
    unsubscribe();
    abort?.abort();
    if (timer) clearTimeout(timer);
  };
}
