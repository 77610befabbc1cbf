import { Check, Circle, CircleDot, CircleX } from 'lucide-react';
import type { Task } from '#shared/contract/tasks.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { cx } from '../../../ui/cx.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { ProgressBar } from '../../../ui/progress.tsx';
import { deploySteps, standing } from './steps.ts';

const shapes = {
  done: [Check, 'text-ok'],
  now: [CircleDot, 'text-ink'],
  failed: [CircleX, 'text-danger'],
  ahead: [Circle, 'text-ink-soft'],
} as const;

/** A deploy as it goes: every step by name, numbers where there are any, cancel, and at failure cause and next action. */
export function DeployProgress({ task, onRetry }: { task: Task; onRetry: () => void }) {
  const t = useT();
  const format = useFormat();
  const cancel = useAgentMutation('tasks.cancel');
  const steps = standing(task);
  const { progress } = task;
  const amount = (n: number) => (progress?.unit === 'bytes' ? format.bytes(n) : format.number(n));
  return (
    <div className="flex max-w-[560px] flex-col gap-4">
      <ol aria-label={t('machines.progress.title')} className="flex flex-col gap-1" aria-live="polite">
        {deploySteps.map((key) => {
          const how = steps[key];
          const [Icon, colour] = shapes[how];
          return (
            <li
              key={key}
              aria-current={how === 'now' ? 'step' : undefined}
              className={cx('flex min-h-8 items-start gap-2.5 text-sm', how === 'ahead' && 'text-ink-soft')}
            >
              <Icon aria-hidden className={cx('mt-1 size-4 shrink-0', colour)} strokeWidth={2} />
              <div className="grow">
                <div className={cx('flex gap-3 leading-6', how === 'now' && 'font-medium')}>
                  <span className="grow">{t(`machines.step.${key}`)}</span>
                  {how === 'now' && progress && progress.done > 0 && (
                    <span className="font-normal text-ink-soft">
                      {progress.total === null
                        ? amount(progress.done)
                        : t('common.progressOf', { done: amount(progress.done), total: amount(progress.total) })}
                      {progress.rate !== null &&
                        progress.rate > 0 &&
                        ` · ${t('common.perSecond', { value: amount(progress.rate) })}`}
                    </span>
                  )}
                </div>
                {how === 'now' && progress?.total ? (
                  <ProgressBar share={progress.done / progress.total} label={t(`machines.step.${key}`)} />
                ) : null}
              </div>
              <span className="sr-only">{t(`machines.progress.${how}`)}</span>
            </li>
          );
        })}
      </ol>
      {task.state === 'running' && task.cancellable && (
        <div>
          <Button busy={cancel.isPending} onClick={() => cancel.mutate({ task: task.id })}>
            {t('machines.progress.cancel')}
          </Button>
        </div>
      )}
      {task.failure && (
        <ErrorPanel error={task.failure} actions={<Button onClick={onRetry}>{t('machines.progress.change')}</Button>} />
      )}
      {(task.state === 'cancelled' || task.state === 'interrupted') && !task.failure && (
        <p className="text-sm">{t('machines.progress.stopped')}</p>
      )}
    </div>
  );
}
