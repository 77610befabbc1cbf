import { Pause, Play, RotateCw, X } from 'lucide-react';
import { useState } from 'react';
import { agentContract, type MethodName } from '#shared/contract/agent.ts';
import type { Task } from '#shared/contract/tasks.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { createOnce } from '../../lib/agent/once.ts';
import { useAgent } from '../../lib/agent/provider.tsx';
import { useFailureText } from '../../lib/failure.ts';
import { useFormat } from '../../lib/format.ts';
import { type MessageKey, useOptionalT, useT } from '../../lib/i18n.ts';
import { useMethodWords } from '../../lib/method-words.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { TextLink } from '../../ui/link-button.tsx';
import { ProgressBar } from '../../ui/progress.tsx';
import { State, type Tone } from '../../ui/state.tsx';
import { Time } from '../../ui/time.tsx';
import { toast } from '../../ui/toast.tsx';
import { shareOf } from './progress.ts';
import { numbersOf, pausedOf, usePause } from './task-numbers.ts';
import { outcomeOf, stepKey } from './task-words.ts';

const ended: Record<Exclude<Task['state'], 'running'>, readonly [Tone, MessageKey]> = {
  done: ['ok', 'frame.tasks.done'],
  failed: ['failed', 'frame.tasks.failed'],
  cancelled: ['idle', 'frame.tasks.cancelled'],
  interrupted: ['attention', 'frame.tasks.interrupted'],
};

export interface TaskRowProps {
  task: Task;
  /** A link out of the drawer was followed. */
  onLeave: () => void;
}

/** One task: what, where it is, a number, what came of it, and what can be done about it. */
export function TaskRow({ task, onLeave }: TaskRowProps) {
  const t = useT();
  const format = useFormat();
  const textOf = useFailureText();
  const { link } = useAgent();
  const cancel = useAgentMutation('tasks.cancel');
  const dismiss = useAgentMutation('tasks.dismiss');
  const pause = usePause(task);
  const failure = task.failure && textOf(task.failure);
  const words = useMethodWords();
  const { text, core } = words.tell(task.method, task.title);
  const title = words.line(task.method, task.title);
  const lookup = useOptionalT();
  const step = task.step && (words.spokenByCore ? task.step.text : (lookup(stepKey(task)) ?? task.step.text));
  const outcome = outcomeOf(task, t, format);
  const known = task.method in agentContract;
  const [once] = useState(() => createOnce(() => performance.now()));
  const retry = () => {
    if (once.underWay(task.input)) return;
    const answer = link.connection().call(task.method as MethodName, task.input);
    once.sent(task.input, answer);
    answer.then(
      () => dismiss.mutate({ tasks: [task.id] }),
      (error: unknown) => toast.failed(error),
    );
  };

  return (
    <li className="border-b border-line px-5 py-3.5">
      <div className="flex items-start gap-2">
        <div className="min-w-0 grow text-sm break-words">
          <p className="font-medium">{text}</p>
          {core !== null && (
            <p lang="en" className="text-ink-soft">
              {core}
            </p>
          )}
        </div>
        {task.state === 'running' ? (
          <>
            {pause && (
              <IconButton
                size="small"
                className="-my-1"
                icon={pause.paused ? Play : Pause}
                label={t(pause.paused ? 'frame.tasks.resume' : 'frame.tasks.pause', { title })}
                onClick={pause.toggle}
              />
            )}
            {task.cancellable && (
              <IconButton
                size="small"
                className="-my-1 -me-1.5"
                icon={X}
                label={t('frame.tasks.cancel', { title })}
                onClick={() => cancel.mutate({ task: task.id })}
              />
            )}
          </>
        ) : (
          <IconButton
            size="small"
            className="-my-1 -me-1.5"
            icon={X}
            label={t('frame.tasks.dismiss', { title })}
            onClick={() => dismiss.mutate({ tasks: [task.id] })}
          />
        )}
      </div>
      {task.state === 'running' ? (
        <div className="mt-2 flex flex-col gap-1.5">
          <ProgressBar share={shareOf(task)} label={title} />
          <p className="flex flex-col text-sm text-ink-soft">
            {step && <span className="truncate">{step}</span>}
            <span>{numbersOf(task, t, format)}</span>
            {task.pause !== undefined && <span>{pausedOf(task, t)}</span>}
          </p>
        </div>
      ) : (
        <>
          <p className="mt-0.5 flex items-center gap-3 text-sm text-ink-soft">
            <State tone={ended[task.state][0]}>{t(ended[task.state][1])}</State>
            {task.endedAt !== null && <Time at={task.endedAt} />}
          </p>
          {outcome && (
            <p className="mt-1.5 text-sm">
              {outcome.text}{' '}
              {outcome.to && (
                <TextLink to={outcome.to} label={`${t('common.open')}: ${outcome.text}`} onFollow={onLeave}>
                  {t('common.open')}
                </TextLink>
              )}
            </p>
          )}
          {failure && (
            <div className="mt-1.5 text-sm">
              <p>{failure.message}</p>
              {failure.meaning && <p className="text-ink-soft">{failure.meaning}</p>}
              {failure.next && <p className="mt-0.5">{failure.next}</p>}
            </div>
          )}
          {task.state !== 'done' && known && task.input !== null && (
            <Button size="small" icon={RotateCw} className="mt-2" onClick={retry}>
              {t('common.retry')}
            </Button>
          )}
        </>
      )}
    </li>
  );
}
