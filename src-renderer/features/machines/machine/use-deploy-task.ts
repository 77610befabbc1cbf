import type { Task } from '#shared/contract/tasks.ts';
import { useAgentQuery, useTask } from '../../../lib/agent/hooks.ts';

/** The newest deploy of a machine of this name: found again after a reload, because the agent remembers it. */
export function useDeployTask(name: string): Task | null {
  const { data } = useAgentQuery('tasks.list', {});
  const found = data?.tasks
    .filter((task) => task.method === 'machines.deploy' && nameOf(task.input) === name)
    .sort((a, b) => b.startedAt - a.startedAt)[0];
  // Followed while it runs: the list is refreshed less often than a download moves.
  const live = useTask(found?.state === 'running' ? found.id : null);
  return live ?? found ?? null;
}

function nameOf(input: unknown): unknown {
  return typeof input === 'object' && input !== null && 'name' in input ? input.name : null;
}
