import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentContract } from '#shared/contract/agent.ts';
import type { AgentEvent } from '#shared/contract/system.ts';
import type { OutputOf } from '#shared/rpc/contract.ts';
import type { LocalConnection } from '../local/local-client.ts';
import { taskNotice } from './notify-rules.ts';
import type { TrayFacts } from './tray-model.ts';

export type AgentFacts = Omit<TrayFacts, 'core'> & { readonly notifications: boolean; readonly onboarded: boolean };

export interface Notice {
  readonly subject: string;
  readonly title: string;
  readonly body: string;
  readonly open: string;
}

/** What the shell asks of the agent to know what to show; a part of the client, so that tests can stand in for it. */
export type WatchClient = Pick<
  LocalConnection['client'],
  'system.events' | 'system.settings' | 'tasks.list' | 'identity.status' | 'machines.list' | 'consent.pending'
>;

type Topic = AgentEvent['topic'];

/** Between two looks: progress comes ten times a second, and nobody reads a tray that fast. */
const restMs = 500;

/**
 * Follow the agent: state for the tray whenever something changes, a notice for work that ended and for questions that
 * wait. However many events come, it asks again at most twice a second, and only for what they were about. Returns when
 * the connection ends or `signal` aborts.
 *
 * @param rest waits so many milliseconds; for tests
 */
export async function watchAgent(
  client: WatchClient,
  on: { facts(facts: AgentFacts): void; notice(notice: Notice): void; settled(subject: string): void },
  signal: AbortSignal,
  rest: (ms: number) => Promise<unknown> = (ms) => sleep(ms, undefined, { signal, ref: false }),
): Promise<void> {
  const running = new Set<string>();
  let asked = new Set<string>();
  const seen = await ask(client);

  const tell = (): void => {
    const { settings, tasks, identity, machines, requests } = seen;
    for (const task of tasks) {
      if (task.state === 'running') running.add(task.id);
      else if (running.delete(task.id)) {
        const notice = taskNotice(task);
        if (notice !== null) on.notice(notice);
      }
    }
    const waiting = new Set(requests.map((one) => one.id));
    for (const one of requests) {
      if (asked.has(one.id)) continue;
      on.notice({ subject: `consent:${one.id}`, title: 'Hypha asks', body: one.summary, open: '/activity' });
    }
    for (const id of asked) if (!waiting.has(id)) on.settled(`consent:${id}`);
    asked = waiting;
    on.facts({
      identity: identity.state,
      ...taskSum(tasks),
      runningMachines: machines.filter((one) => one.state === 'running').length,
      notifications: settings.notifications,
      onboarded: settings.onboarded,
    });
  };

  const changed = new Set<Topic>();
  let ended = false;
  let wake = () => {};
  const events = (async () => {
    try {
      for await (const { topic } of client['system.events']({}, { signal })) {
        if (Object.hasOwn(questions, topic)) changed.add(topic);
        if (changed.size > 0) wake();
      }
    } finally {
      ended = true;
      wake();
    }
  })();
  // Looked at in the end; when asking fails first, the events' own end says nothing new.
  events.catch(() => {});

  tell();
  while (!ended || changed.size > 0) {
    if (changed.size === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      continue;
    }
    const topics = [...changed];
    changed.clear();
    Object.assign(seen, await ask(client, topics));
    tell();
    if (!ended) await rest(restMs);
  }
  await events;
}

/** What an event's topic makes worth asking again. Locking changes which questions are shown. */
const questions: Readonly<Partial<Record<Topic, readonly (keyof Seen)[]>>> = {
  system: ['settings', 'tasks', 'identity', 'machines', 'requests'],
  settings: ['settings'],
  tasks: ['tasks'],
  identity: ['identity', 'requests'],
  machines: ['machines'],
  consent: ['requests'],
};

interface Seen {
  settings: OutputOf<AgentContract['system.settings']>;
  tasks: OutputOf<AgentContract['tasks.list']>['tasks'];
  identity: OutputOf<AgentContract['identity.status']>;
  machines: OutputOf<AgentContract['machines.list']>['machines'];
  requests: OutputOf<AgentContract['consent.pending']>['requests'];
}

async function ask(client: WatchClient): Promise<Seen>;
async function ask(client: WatchClient, topics: readonly Topic[]): Promise<Partial<Seen>>;
async function ask(client: WatchClient, topics: readonly Topic[] = ['system']): Promise<Partial<Seen>> {
  const wanted = new Set(topics.flatMap((topic) => questions[topic] ?? []));
  const [settings, tasks, identity, machines, consent] = await Promise.all([
    wanted.has('settings') ? client['system.settings']({}) : null,
    wanted.has('tasks') ? client['tasks.list']({}) : null,
    wanted.has('identity') ? client['identity.status']({}) : null,
    wanted.has('machines') ? client['machines.list']({}) : null,
    wanted.has('requests') ? client['consent.pending']({}) : null,
  ]);
  return {
    ...(settings && { settings }),
    ...(tasks && { tasks: tasks.tasks }),
    ...(identity && { identity }),
    ...(machines && { machines: machines.machines }),
    ...(consent && { requests: consent.requests }),
  };
}

function taskSum(tasks: readonly { state: string; progress: { done: number; total: number | null } | null }[]) {
  const active = tasks.filter((one) => one.state === 'running');
  const measured = active.flatMap(({ progress }) =>
    progress?.total ? [Math.min(1, progress.done / progress.total)] : [],
  );
  return {
    runningTasks: active.length,
    progress: measured.length === 0 ? null : measured.reduce((sum, one) => sum + one, 0) / measured.length,
  };
}
