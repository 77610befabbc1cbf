import type { Task } from '#shared/contract/tasks.ts';

/** Share done, 0 to 1; null when the end is not known. */
export function shareOf(task: Task): number | null {
  const { progress } = task;
  return progress?.total ? Math.min(1, progress.done / progress.total) : null;
}

/** Seconds left at the present rate; null when nothing can be said, or nothing sensible. */
export function secondsLeft(task: Task): number | null {
  const { progress } = task;
  if (!progress?.total || !progress.rate || progress.rate <= 0) return null;
  const left = (progress.total - progress.done) / progress.rate;
  return left < 2 || left > 7 * 86_400 ? null : left;
}

/** The unit a person would use: under a minute seconds (in fives, a counting clock is noise), then minutes, then hours. */
export function leftIn(seconds: number): { unit: 'seconds' | 'minutes' | 'hours'; count: number } {
  if (seconds < 55) return { unit: 'seconds', count: Math.max(5, Math.round(seconds / 5) * 5) };
  if (seconds < 55 * 60) return { unit: 'minutes', count: Math.max(1, Math.round(seconds / 60)) };
  return { unit: 'hours', count: Math.max(1, Math.round(seconds / 3600)) };
}

/** Running first, then the latest ended. */
export function inOrder(tasks: readonly Task[]): Task[] {
  const rank = (task: Task) => (task.state === 'running' ? 1 : 0);
  return [...tasks].sort((a, b) => rank(b) - rank(a) || b.startedAt - a.startedAt);
}

/** Ended badly since `before` was seen: what a person should hear of. */
export function newlyFailed(before: readonly Task[], now: readonly Task[]): Task[] {
  const running = new Set(before.filter((task) => task.state === 'running').map((task) => task.id));
  return now.filter((task) => running.has(task.id) && (task.state === 'failed' || task.state === 'interrupted'));
}
