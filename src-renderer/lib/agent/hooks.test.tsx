import { focusManager } from '@tanstack/react-query';
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';
import type { MethodName } from '#shared/contract/agent.ts';
import { fail } from '#shared/rpc/fail.ts';
import { createFakeAgent } from '../../testing/fake-agent.ts';
import { renderWith } from '../../testing/render.tsx';
import { entry, identityUnlocked, settings, tasks } from '../../testing/samples.ts';
import { Toaster } from '../../ui/toast.tsx';
import { subjectOf, useAgentMutation, useAgentQuery, useTask } from './hooks.ts';

let end = () => {};
afterEach(() => end());

/** So many turns of a clock as fast as the one under test. */
const ticks = (count: number) =>
  new Promise<void>((resolve) => {
    let left = count;
    const timer = setInterval(() => {
      left -= 1;
      if (left > 0) return;
      clearInterval(timer);
      resolve();
    }, 5);
  });

function Name() {
  const { data, error } = useAgentQuery('identity.status', {});
  return <p>{error?.code ?? data?.person?.name ?? 'nothing'}</p>;
}

describe('useAgentQuery', () => {
  it('asks again when an event says that something changed', async () => {
    let name = 'Ada';
    const agent = createFakeAgent({
      'identity.status': () => {
        const { person } = identityUnlocked;
        return { ...identityUnlocked, person: person && { ...person, name } };
      },
    });
    end = renderWith(agent, <Name />).end;
    await screen.findByText('Ada');
    name = 'Grace';
    act(() => agent.emit('identity'));
    await screen.findByText('Grace');
  });

  it('keeps what it knew while the agent is away, and asks anew when it is back', async () => {
    let theme: 'light' | 'dark' = 'light';
    const agent = createFakeAgent({ 'system.settings': () => ({ ...settings, theme }) });
    const Theme = () => <p>{useAgentQuery('system.settings', {}).data?.theme ?? 'nothing'}</p>;
    const view = renderWith(agent, <Theme />);
    end = view.end;
    await screen.findByText('light');
    agent.cut(true);
    await waitFor(() => expect(view.environment.link.state.phase).toBe('away'));
    screen.getByText('light');
    theme = 'dark';
    agent.away = false;
    view.environment.link.retryNow();
    await screen.findByText('dark');
  });

  it('asks again by the clock only while somebody looks', async () => {
    let asked = 0;
    const agent = createFakeAgent({
      'system.settings': () => {
        asked += 1;
        return settings;
      },
    });
    const Clock = () => <p>{useAgentQuery('system.settings', {}, { everyMs: 5 }).data?.theme ?? 'nothing'}</p>;
    end = renderWith(agent, <Clock />).end;
    await waitFor(() => expect(asked).toBeGreaterThan(3));
    act(() => focusManager.setFocused(false));
    // What was asked before may still come in; by the same clock, nothing is asked after it.
    await ticks(10);
    const before = asked;
    await ticks(20);
    expect(asked).toBe(before);
    act(() => focusManager.setFocused(undefined));
    await waitFor(() => expect(asked).toBeGreaterThan(before));
  });

  it('reads the kept copy when the agent is away and nothing was asked yet', async () => {
    const agent = createFakeAgent({});
    agent.away = true;
    const offline = {
      keeps: (method: MethodName) => method === 'identity.status',
      put: async () => {},
      get: async () => ({ value: identityUnlocked, at: 1 }),
    };
    end = renderWith(agent, <Name />, offline).end;
    await screen.findByText('Ada Lovelace');
  });
});

describe('useAgentMutation', () => {
  it('shows what was done with an undo, and the undo undoes that very entry', async () => {
    const undone: number[] = [];
    const agent = createFakeAgent({
      'identity.rename': () => identityUnlocked,
      'activity.list': () => ({
        entries: [
          entry({
            seq: 9,
            method: 'identity.rename',
            effect: 'write',
            summary: 'Change your name to "Bea"',
            undo: { possible: true, reason: '' },
          }),
          entry({
            seq: 8,
            method: 'identity.rename',
            effect: 'write',
            summary: 'Change your name to "Ada"',
            undo: { possible: true, reason: '' },
          }),
        ],
        more: false,
      }),
      'activity.undo': ({ seq }) => {
        undone.push(seq);
        return { seq: 10 };
      },
    });
    const Rename = () => {
      const rename = useAgentMutation('identity.rename', { done: (input) => `Now ${input.name}` });
      return (
        <button type="button" onClick={() => rename.mutate({ name: 'Ada' })}>
          {'go'}
        </button>
      );
    };
    const view = renderWith(
      agent,
      <>
        <Rename />
        <Toaster />
      </>,
    );
    end = view.end;
    await waitFor(() => expect(view.environment.link.state.phase).toBe('ready'));
    fireEvent.click(screen.getByText('go'));
    await screen.findByText('Now Ada');
    fireEvent.click(screen.getByText('Undo'));
    await waitFor(() => expect(undone).toEqual([8]));
  });

  it('sends once what is asked for twice before the first answer came', async () => {
    const answer = Promise.withResolvers<void>();
    const agent = createFakeAgent({
      'identity.rename': async () => {
        await answer.promise;
        return identityUnlocked;
      },
    });
    const ends: string[] = [];
    const Twice = () => {
      const rename = useAgentMutation('identity.rename');
      const press = () => {
        // As a form does that checks its fields first: both clicks come through before the button is drawn busy.
        for (const end of ['first', 'second']) void rename.mutateAsync({ name: 'Ada' }).then(() => ends.push(end));
      };
      return (
        <button type="button" onClick={press}>
          {rename.isPending ? 'busy' : 'go'}
        </button>
      );
    };
    const view = renderWith(agent, <Twice />);
    end = view.end;
    await waitFor(() => expect(view.environment.link.state.phase).toBe('ready'));
    fireEvent.click(screen.getByText('go'));
    fireEvent.click(await screen.findByText('busy'));
    answer.resolve();
    await screen.findByText('go');
    fireEvent.click(screen.getByText('go'));
    expect(agent.calls.filter((name) => name === 'identity.rename')).toHaveLength(1);
    await waitFor(() => expect(new Set(ends)).toEqual(new Set(['first', 'second'])));
  });

  it('speaks once of what was done several times', () => {
    expect(subjectOf('system.configure', { theme: 'dark' })).toBe(subjectOf('system.configure', { theme: 'light' }));
    expect(subjectOf('system.configure', { theme: 'dark' })).not.toBe(
      subjectOf('system.configure', { language: 'de' }),
    );
    expect(subjectOf('vault.rename', { item: 'a', name: 'x' })).not.toBe(subjectOf('vault.rename', { item: 'b' }));
  });

  it('hands the failure over as data', async () => {
    const agent = createFakeAgent({
      'identity.lock': () => {
        throw fail('NO_IDENTITY', 'Nobody is here.', { next: 'Create one.' });
      },
    });
    const Lock = () => {
      const lock = useAgentMutation('identity.lock', { quiet: true });
      return (
        <button type="button" onClick={() => lock.mutate({})}>
          {lock.error?.next ?? 'go'}
        </button>
      );
    };
    const view = renderWith(agent, <Lock />);
    end = view.end;
    await waitFor(() => expect(view.environment.link.state.phase).toBe('ready'));
    fireEvent.click(screen.getByText('go'));
    await screen.findByText('Create one.');
  });
});

describe('useTask', () => {
  it('follows a task to its end', async () => {
    const [running] = tasks;
    if (!running) throw new Error('the samples have a running task');
    const agent = createFakeAgent({
      'tasks.watch': async function* () {
        yield running;
        yield { ...running, state: 'done' as const };
      },
    });
    const Follow = () => <p>{useTask(running.id)?.state ?? 'nothing'}</p>;
    end = renderWith(agent, <Follow />).end;
    await screen.findByText('done');
  });
});
