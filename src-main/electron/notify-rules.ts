/** At most one notification a subject an hour. */
const subjectPauseMs = 3_600_000;
/** Finished work is worth a notification only when it took longer than this. */
const longWorkMs = 30_000;

export interface NotifyFacts {
  readonly now: number;
  /** The window is in front: the person sees it there. */
  readonly focused: boolean;
  /** The person's switch. */
  readonly enabled: boolean;
  /** Until onboarding is finished nothing interrupts. */
  readonly onboarded: boolean;
  /** When this subject was last shown; null for never. */
  readonly lastShown: number | null;
}

/** Why a notification may not be shown now, or null when it may. */
export function silence(facts: NotifyFacts): string | null {
  if (!facts.onboarded) return 'the first run is not finished';
  if (!facts.enabled) return 'notifications are switched off';
  if (facts.focused) return 'the window is in front';
  if (facts.lastShown !== null && facts.now - facts.lastShown < subjectPauseMs) return 'it was shown within the hour';
  return null;
}

export interface EndedTask {
  readonly id: string;
  readonly title: string;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled' | 'interrupted';
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly failure: { readonly message: string } | null;
}

/** The notification for a task that has ended, or null when it is not worth one. Cancelled by hand never is. */
export function taskNotice(task: EndedTask): { subject: string; title: string; body: string; open: string } | null {
  if (task.endedAt === null || task.endedAt - task.startedAt < longWorkMs) return null;
  const common = { subject: `task:${task.id}`, open: '/activity' };
  if (task.state === 'done') return { ...common, title: 'Finished', body: task.title };
  if (task.state === 'failed' || task.state === 'interrupted') {
    return {
      ...common,
      title: 'Did not finish',
      body: `${task.title}: ${task.failure?.message ?? 'it was interrupted'}`,
    };
  }
  return null;
}
