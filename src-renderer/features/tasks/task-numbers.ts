import type { Task } from '#shared/contract/tasks.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import type { Format } from '../../lib/format.ts';
import type { Translate } from '../../lib/i18n.ts';
import { leftIn, secondsLeft } from './progress.ts';

/** How much of how much, how fast, and how long still. */
export function numbersOf(task: Task, t: Translate, format: Format): string {
  const { progress } = task;
  if (!progress) return '';
  const show = progress.unit === 'bytes' ? format.bytes : (n: number) => format.number(n);
  const parts = [
    progress.total === null
      ? show(progress.done)
      : t('common.progressOf', { done: show(progress.done), total: show(progress.total) }),
  ];
  if (progress.unit === 'bytes' && progress.rate)
    parts.push(t('common.perSecond', { value: format.bytes(progress.rate) }));
  const seconds = secondsLeft(task);
  if (seconds !== null) {
    const { unit, count } = leftIn(seconds);
    parts.push(t(`common.${unit}Left`, { count }));
  }
  return parts.join(' · ');
}

/** That it is paused, and for how long that holds. */
export const pausedOf = ({ pause }: Task, t: Translate): string =>
  t(pause === 'asked' ? 'frame.tasks.pausing' : 'frame.tasks.paused');

/** Pausing a task and letting it go on; null while it can do neither. */
export function usePause(task: Task | null): { readonly paused: boolean; readonly toggle: () => void } | null {
  const pause = useAgentMutation('tasks.pause');
  const resume = useAgentMutation('tasks.resume');
  if (task?.state !== 'running' || (task.pausable !== true && task.pause === undefined)) return null;
  const paused = task.pause !== undefined;
  return { paused, toggle: () => (paused ? resume : pause).mutate({ task: task.id }) };
}
