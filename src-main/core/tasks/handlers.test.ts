import { describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import type { Task } from '#shared/contract/tasks.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import { createTaskHandlers } from './handlers.ts';
import type { Tasks } from './tasks.ts';

const failed = (failure: Failure): Task => ({
  id: 't1' as TaskId,
  method: 'vault.put',
  title: 'Store /home/ada/secret.txt in the vault',
  state: 'failed',
  step: { key: 'scan', text: 'Looking at secret.txt' },
  progress: null,
  startedAt: 0,
  endedAt: 1,
  cancellable: false,
  input: { paths: ['/home/ada/secret.txt'] },
  result: null,
  failure,
});

/** What is shown of a failed vault task. */
async function shown(failure: Failure, locked: boolean): Promise<Task | undefined> {
  const tasks = { list: () => [failed(failure)] } as unknown as Tasks;
  const handlers = createTaskHandlers({ tasks, contract: agentContract, isLocked: () => locked });
  return (await handlers['tasks.list']({}, {} as never)).tasks[0];
}

describe('a task list while locked', () => {
  it('tells the figures that a check or a repair came to, and no result that could name a file', async () => {
    const done = async (result: unknown) => {
      const task: Task = { ...failed({ code: 'X', message: '' }), state: 'done', failure: null, result };
      const tasks = { list: () => [task] } as unknown as Tasks;
      const handlers = createTaskHandlers({ tasks, contract: agentContract, isLocked: () => true });
      return (await handlers['tasks.list']({}, {} as never)).tasks[0]?.result;
    };
    expect(await done({ rebuilt: 3, unrepairable: 0 })).toEqual({ rebuilt: 3, unrepairable: 0 });
    expect(await done({ files: 1, skipped: [{ path: 'secret.txt' }] })).toBeNull();
    expect(await done({ files: 1, nested: { name: 'secret.txt' } })).toBeNull();
    expect(await done(null)).toBeNull();
  });

  it('tells that a task failed because of the lock, in full', async () => {
    const failure = { code: 'LOCKED', message: 'The vault is locked.', next: 'Unlock Hypha with your passphrase.' };
    expect((await shown(failure, true))?.failure).toEqual(failure);
  });

  it('tells that a vault task failed, and nothing that could name a file', async () => {
    const failure = {
      code: 'NOT_FOUND',
      message: '/home/ada/secret.txt is not there.',
      next: 'Look at secret.txt.',
      data: { skipped: ['secret.txt'] },
    };
    const task = await shown(failure, true);
    expect(JSON.stringify(task)).not.toMatch(/secret\.txt/);
    expect(task).toMatchObject({
      state: 'failed',
      failure: { code: 'NOT_FOUND', next: expect.stringMatching(/Unlock/) },
    });
    expect((await shown(failure, false))?.failure).toEqual(failure);
  });
});
