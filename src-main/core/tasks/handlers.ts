import type { Task, tasksContract } from '#shared/contract/tasks.ts';
import type { Contract } from '#shared/rpc/contract.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import type { Handlers } from '../broker/handlers.ts';
import { namesFiles } from '../broker/words.ts';
import type { Tasks } from './tasks.ts';

/** That it failed is told while locked too, or nobody would know; whatever could name a file is not. */
function wordless(failure: Failure | null): Failure | null {
  if (failure === null) return null;
  // These words are the same for every file.
  if (failure.code === 'LOCKED') return failure;
  return {
    code: failure.code,
    message: 'This failed. Why is not shown while Hypha is locked.',
    next: 'Unlock Hypha with your passphrase and look at its tasks.',
  };
}

/** Figures name nothing, and who checks or repairs the vault while it is locked needs them. */
function isFigures(result: unknown): boolean {
  if (typeof result !== 'object' || result === null) return false;
  return Object.values(result).every((value) => typeof value === 'number' || typeof value === 'boolean');
}

/** The contract's face of the task list. While locked, the words of vault tasks (they name files) are held back. */
export function createTaskHandlers(parts: {
  tasks: Tasks;
  contract: Contract;
  isLocked: () => boolean;
}): Handlers<typeof tasksContract> {
  const { tasks, contract, isLocked } = parts;

  function shown(task: Task): Task {
    if (!isLocked() || !namesFiles(task.method)) return task;
    const title = contract[task.method]?.about ?? task.method;
    const result = isFigures(task.result) ? task.result : null;
    return { ...task, title, step: null, input: null, result, failure: wordless(task.failure) };
  }

  return {
    'tasks.list': () => ({ tasks: tasks.list().map(shown) }),
    'tasks.watch': async function* ({ task }, { signal }) {
      for await (const state of tasks.watch(task, signal)) yield shown(state);
    },
    'tasks.cancel': ({ task }) => {
      tasks.cancel(task);
      return {};
    },
    'tasks.pause': ({ task }, context) => {
      tasks.pause(task);
      context.undo('tasks.resume', { task });
      return {};
    },
    'tasks.resume': ({ task }) => {
      tasks.resume(task);
      return {};
    },
    'tasks.dismiss': ({ tasks: ids }) => {
      tasks.dismiss(ids);
      return {};
    },
  };
}
