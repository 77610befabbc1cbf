import { useEffect, useRef } from 'react';
import type { Task } from '#shared/contract/tasks.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useAgentMutation, useTask } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useOptionalT, useT } from '../../lib/i18n.ts';
import { useMethodWords } from '../../lib/method-words.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { ProgressBar } from '../../ui/progress.tsx';
import { State } from '../../ui/state.tsx';
import { shareOf } from './progress.ts';
import { numbersOf, pausedOf, usePause } from './task-numbers.ts';
import { outcomeOf, stepKey } from './task-words.ts';

/** A task where it was started: step, number, cancel, and how it ended. */
export function TaskPanel({
  id,
  onDone,
  outcome,
}: {
  id: TaskId;
  onDone?: (task: Task) => void;
  /** The result in words; as the drawer tells it unless given. */
  outcome?: (result: unknown) => { good: boolean; text: string };
}) {
  const t = useT();
  const format = useFormat();
  const task = useTask(id);
  const words = useMethodWords();
  const lookup = useOptionalT();
  const cancel = useAgentMutation('tasks.cancel');
  const pause = usePause(task);
  const heard = useRef(false);
  useEffect(() => {
    if (task?.state !== 'done' || heard.current) return;
    heard.current = true;
    onDone?.(task);
  }, [task, onDone]);
  if (!task) return null;
  if (task.state === 'failed' && task.failure) return <ErrorPanel error={task.failure} />;
  if (task.state === 'done') {
    const told = outcomeOf(task, t, format)?.text ?? words.line(task.method, task.title);
    const { good, text } = outcome?.(task.result) ?? { good: true, text: told };
    return (
      <p role="status">
        <State tone={good ? 'ok' : 'attention'}>{text}</State>
      </p>
    );
  }
  if (task.state !== 'running') {
    return (
      <p role="status">
        <State tone="idle">{t('vault.task.stopped')}</State>
      </p>
    );
  }
  const { step } = task;
  const numbers = numbersOf(task, t, format);
  const said = step && !words.spokenByCore ? lookup(stepKey(task)) : null;
  const text = said ?? step?.text ?? words.line(task.method, task.title);
  return (
    <div className="flex flex-col gap-1.5 rounded-lg border border-line px-3.5 py-2.5 text-sm" role="status">
      <div className="flex items-center gap-3">
        <span className="grow">
          {text}
          {numbers !== '' && <span className="ms-2 text-ink-soft">{numbers}</span>}
        </span>
        {pause && (
          <Button size="small" onClick={pause.toggle}>
            {t(pause.paused ? 'vault.task.resume' : 'vault.task.pause')}
          </Button>
        )}
        {task.cancellable && (
          <Button size="small" busy={cancel.isPending} onClick={() => cancel.mutate({ task: task.id })}>
            {t('common.cancel')}
          </Button>
        )}
      </div>
      {task.pause !== undefined && <p className="text-ink-soft">{pausedOf(task, t)}</p>}
      <ProgressBar share={shareOf(task)} label={text} />
    </div>
  );
}
