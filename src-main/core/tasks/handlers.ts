import type { tasksContract } from '#shared/contract/tasks.ts';
import type { Handlers } from '../broker/handlers.ts';
import type { Tasks } from './tasks.ts';

/** The contract's face of the task list. */
export function createTaskHandlers(tasks: Tasks): Handlers<typeof tasksContract> {
  return {
    'tasks.list': () => ({ tasks: tasks.list() }),
    'tasks.watch': ({ task }, { signal }) => tasks.watch(task, signal),
    'tasks.cancel': ({ task }) => {
      tasks.cancel(task);
      return {};
    },
    'tasks.dismiss': ({ tasks: ids }) => {
      tasks.dismiss(ids);
      return {};
    },
  };
}
