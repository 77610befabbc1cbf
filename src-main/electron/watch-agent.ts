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

/**
 * Follow the agent: state for the tray whenever something changes, a notice for work that ended and for questions that
 * wait. Returns when the connection ends or `signal` aborts.
 */
export async function watchAgent(
  client: WatchClient,
  on: { facts(facts: AgentFacts): void; notice(notice: Notice): void; settled(subject: string): void },
  signal: AbortSignal,
): Promise<void> {
  const running = new Set<string>();
  let asked = new Set<string>();

  const look = async (): Promise<void> => {
    const [settings, { tasks }, identity, { machines }, { requests }] = await Promise.all([
      client['system.settings']({}),
      client['tasks.list']({}),
      client['identity.status']({}),
      client['machines.list']({}),
      client['consent.pending']({}),
    ]);
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

  await look();
  for await (const event of client['system.events']({}, { signal })) {
    if (event.topic !== 'vault' && event.topic !== 'activity') await look();
  }
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
