import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import type { Task } from '#shared/contract/tasks.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { createFakeAgent } from '../../testing/fake-agent.ts';
import { renderWith } from '../../testing/render.tsx';
import { TaskRow } from './task-row.tsx';

let end = () => {};
afterEach(() => end());

const running: Task = {
  ...{ id: 't-1' as TaskId, method: 'vault.verify', title: 'Check every shard of the vault', state: 'running' },
  step: { key: 'check', text: 'Reading and checking every shard' },
  progress: { done: 10, total: 110, unit: 'items', rate: 1 },
  ...{ startedAt: 0, endedAt: null, cancellable: true, input: {}, result: null, failure: null },
};

/** A row, with a word that says that the agent is there. */
function Row({ task }: { task: Task }) {
  return (
    <>
      <p>{useLink().phase}</p>
      <TaskRow task={task} onLeave={() => {}} />
    </>
  );
}

it('offers to pause where that is possible, and says what a pause outlives', async () => {
  const asked: string[] = [];
  const agent = createFakeAgent({
    'tasks.pause': ({ task }) => {
      asked.push(`pause ${task}`);
      return {};
    },
    'tasks.resume': ({ task }) => {
      asked.push(`resume ${task}`);
      return {};
    },
  });
  const shown = renderWith(agent, <Row task={{ ...running, pausable: true }} />);
  end = shown.end;
  await screen.findByText('ready');
  expect(screen.getByText(/10 of 110 · about 2 minutes left/)).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: /^Pause/ }));
  await waitFor(() => expect(asked).toEqual(['pause t-1']));
  shown.end();
  const resting = { ...running, pausable: true, pause: 'resting' as const };
  end = renderWith(agent, <Row task={resting} />).end;
  await screen.findByText('ready');
  expect(screen.getByText(/If Hypha stops meanwhile, what is done stays/)).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: /^Go on/ }));
  await waitFor(() => expect(asked).toEqual(['pause t-1', 'resume t-1']));
});

it('offers no pause where a task cannot rest', () => {
  end = renderWith(createFakeAgent({}), <TaskRow task={running} onLeave={() => {}} />).end;
  expect(screen.queryByRole('button', { name: /^Pause/ })).toBeNull();
});
