import {
  keepPreviousData,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
} from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { type AgentContract, agentContract, type MethodName } from '#shared/contract/agent.ts';
import type { Task } from '#shared/contract/tasks.ts';
import type { InputOf, OutputOf, TaskId, TaskStarted } from '#shared/rpc/contract.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import { toast } from '../../ui/toast.tsx';
import { toFailure } from '../failure.ts';
import { useT } from '../i18n.ts';
import { createOnce } from './once.ts';
import { useAgent, useLink } from './provider.tsx';
import { ask, queryKey } from './query.ts';
import { findUndo } from './undo.ts';

type NamesOf<K extends string> = { [N in MethodName]: AgentContract[N]['kind'] extends K ? N : never }[MethodName];
/** Methods that answer once; those that stream; those that can be called at all. */
export type CallName = NamesOf<'call'>;
export type StreamName = NamesOf<'stream'>;
export type ActionName = NamesOf<'call' | 'task'>;
export type In<N extends MethodName> = InputOf<AgentContract[N]>;
export type Out<N extends MethodName> = OutputOf<AgentContract[N]>;
type ActionOut<N extends ActionName> = AgentContract[N]['kind'] extends 'task' ? TaskStarted : Out<N>;

export interface QueryMore<N extends CallName, T> {
  /** False: do not ask yet. */
  enabled?: boolean;
  /** Keep showing the last answer while another input is asked (paging, searching). */
  keepPrevious?: boolean;
  /** A part or form of the answer. */
  select?: (value: Out<N>) => T;
  /**
   * Ask again this often while somebody looks: only for what changes all the time (counters, round trips), which no event
   * tells of. A hidden window asks nothing, nor does one whose agent is away.
   */
  everyMs?: number;
}

/** State of the agent: asked once, asked again when an event says that it changed. */
export function useAgentQuery<N extends CallName, T = Out<N>>(
  name: N,
  input: In<N>,
  more: QueryMore<N, T> = {},
): UseQueryResult<T, Failure> {
  const { link, offline } = useAgent();
  const polled = useLink().phase === 'ready' && more.everyMs !== undefined;
  return useQuery<Out<N>, Failure, T>({
    queryKey: queryKey(name, input),
    queryFn: async ({ signal }) => {
      try {
        return (await ask(link, offline, name, input, signal)) as Out<N>;
      } catch (error) {
        throw toFailure(error);
      }
    },
    enabled: more.enabled ?? true,
    refetchInterval: polled ? (more.everyMs ?? false) : false,
    ...(more.select ? { select: more.select } : {}),
    ...(more.keepPrevious ? { placeholderData: keepPreviousData } : {}),
  });
}

export interface MutationMore<N extends ActionName> {
  /** Failures are shown by the caller instead of a toast. */
  quiet?: boolean;
  /** Words for the toast when it is done; with them comes an undo where the activity log says that there is one. */
  done?: (input: In<N>, output: ActionOut<N>) => string;
  onDone?: (output: ActionOut<N>, input: In<N>) => void;
}

/**
 * An action of the person. Never repeated by itself, nor by a double click: the same call is sent once while it is under
 * way ({@link createOnce}). For a task the answer is its id; follow it with {@link useTask}.
 */
export function useAgentMutation<N extends ActionName>(
  name: N,
  more: MutationMore<N> = {},
): UseMutationResult<ActionOut<N>, Failure, In<N>, { readonly at: number }> {
  const { link, queries } = useAgent();
  const t = useT();
  const [once] = useState(() => createOnce(() => performance.now()));
  const result = useMutation<ActionOut<N>, Failure, In<N>, { readonly at: number }>({
    mutationFn: async (input) => {
      try {
        return (await link.connection().call(name, input)) as ActionOut<N>;
      } catch (error) {
        throw toFailure(error);
      }
    },
    onError: (failure) => {
      if (!more.quiet && failure.code !== 'CANCELLED') toast.failed(failure, `${name} failed`);
    },
    onMutate: () => ({ at: Date.now() }),
    onSuccess: async (output, input, made) => {
      more.onDone?.(output, input);
      // The event says so too, but perhaps a moment later than the person looks.
      const domain = name.split('.')[0];
      void queries.invalidateQueries({
        predicate: (q) => q.queryKey[0] === 'agent' && String(q.queryKey[1]).split('.')[0] === domain,
      });
      if (!more.done) return;
      const text = more.done(input, output);
      const seq =
        agentContract[name].undo && 'method' in agentContract[name].undo
          ? await findUndo(link, name, input, made.at)
          : null;
      const subject = subjectOf(name, input);
      if (seq === null) {
        toast.done(text, undefined, subject);
        return;
      }
      const undo = () =>
        void link
          .connection()
          .client['activity.undo']({ seq })
          .then(
            () => toast.done(t('common.undone'), undefined, subject),
            (error: unknown) => toast.failed(error, subject),
          );
      toast.done(text, { label: t('common.undo'), onSelect: undo }, subject);
    },
  });
  const send = result.mutateAsync;
  type Send = typeof send;
  const mutateAsync = useCallback<Send>(
    (...given) => {
      const same = once.underWay(given[0]);
      if (same) return same as ReturnType<Send>;
      const answer = send(...given);
      once.sent(given[0], answer);
      return answer;
    },
    [once, send],
  );
  const mutate = useCallback<(typeof result)['mutate']>(
    // The failure is shown by `onError`, or by who reads `error`.
    (...given) => void mutateAsync(...given).catch(() => {}),
    [mutateAsync],
  );
  return { ...result, mutate, mutateAsync };
}

/** Inputs that say what an action is about; the first that is given counts. */
const subjects = ['item', 'items', 'machine', 'place', 'task', 'endpoint', 'forward', 'exposure', 'topic'];

/** What an action is about: the same thing done again, with other values, is the same subject. */
export function subjectOf(name: string, input: unknown): string {
  const given = (typeof input === 'object' && input !== null ? input : {}) as Record<string, unknown>;
  const about = subjects.map((name) => given[name]).find((value) => value !== undefined) ?? Object.keys(given);
  return `${name} ${JSON.stringify(about)}`;
}

export type StreamState = 'idle' | 'open' | 'ended' | 'failed';

/**
 * Follow a stream while mounted, and again after the agent was away. `input` null follows nothing; a function is asked
 * at each start, so that a console can go on from where it was. Changing `restartKey` starts anew.
 */
export function useAgentStream<N extends StreamName>(
  name: N,
  input: In<N> | (() => In<N>) | null,
  onItem: (item: Out<N>) => void,
  restartKey: unknown = null,
): { state: StreamState; failure: Failure | null } {
  const { link } = useAgent();
  const ready = useLink().phase === 'ready';
  const [status, setStatus] = useState<{ state: StreamState; failure: Failure | null }>({
    state: 'idle',
    failure: null,
  });
  const current = useRef({ input, onItem });
  current.current = { input, onItem };
  const on = input !== null;
  const identity = typeof input === 'function' ? '' : JSON.stringify(input);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `identity` and `restartKey` stand for the input
  useEffect(() => {
    if (!ready || !on) return;
    const abort = new AbortController();
    const run = async () => {
      const given = current.current.input;
      const start = typeof given === 'function' ? given() : given;
      setStatus({ state: 'open', failure: null });
      for await (const item of link.connection().stream(name, start, { signal: abort.signal })) {
        if (abort.signal.aborted) return;
        current.current.onItem(item as Out<N>);
      }
      setStatus({ state: 'ended', failure: null });
    };
    run().catch((error: unknown) => {
      if (!abort.signal.aborted) setStatus({ state: 'failed', failure: toFailure(error) });
    });
    return () => abort.abort();
  }, [ready, on, identity, name, link, restartKey]);
  return status;
}

/** One task, followed to its end. */
export function useTask(id: TaskId | null): Task | null {
  const [task, setTask] = useState<Task | null>(null);
  useAgentStream('tasks.watch', id === null ? null : { task: id }, setTask);
  return task !== null && task.id === id ? task : null;
}
