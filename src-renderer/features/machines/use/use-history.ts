import { useCallback, useSyncExternalStore } from 'react';
import type { Machine, Metrics } from '#shared/contract/machines.ts';
import { useAgentStream } from '../../../lib/agent/hooks.ts';
import { isAlive } from '../machine/actions.ts';
import { addSample } from './history.ts';

/** Samples by machine; kept while other pages are looked at, so that a sparkline does not begin empty each time. */
const histories = new Map<string, readonly Metrics[]>();
const listeners = new Set<() => void>();
const none: readonly Metrics[] = [];

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** Follow a machine's use while it has a process; the last five minutes of it. */
export function useHistory(machine: Pick<Machine, 'id' | 'state'>): readonly Metrics[] {
  const { id, state } = machine;
  const take = useCallback(
    (sample: Metrics) => {
      const old = histories.get(id) ?? none;
      const next = addSample(old, sample);
      if (next === old) return;
      histories.set(id, next);
      for (const listener of listeners) listener();
    },
    [id],
  );
  useAgentStream('machines.metrics', isAlive(state) ? { machine: id } : null, take);
  return useSyncExternalStore(subscribe, () => histories.get(id) ?? none);
}
