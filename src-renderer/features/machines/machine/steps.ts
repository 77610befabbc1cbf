import type { Task } from '#shared/contract/tasks.ts';

/** The steps of a deploy, in order, by the keys that the agent's tasks name. */
export const deploySteps = ['check', 'image', 'disk', 'config', 'boot', 'ready'] as const;
export type DeployStep = (typeof deploySteps)[number];

/** How each step stands, as far as the task tells: steps before the present one are behind it. */
export function standing(task: Pick<Task, 'state' | 'step'>): Record<DeployStep, 'done' | 'now' | 'failed' | 'ahead'> {
  const at = deploySteps.findIndex((key) => key === task.step?.key);
  const of = (i: number) => {
    if (task.state === 'done') return 'done';
    if (i < at) return 'done';
    if (i > at) return 'ahead';
    return task.state === 'running' ? 'now' : 'failed';
  };
  return Object.fromEntries(deploySteps.map((key, i) => [key, of(i)])) as Record<
    DeployStep,
    'done' | 'now' | 'failed' | 'ahead'
  >;
}
