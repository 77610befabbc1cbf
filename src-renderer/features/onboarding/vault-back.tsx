import { useEffect, useRef, useState } from 'react';
import { useAgentMutation, useTask } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { TaskPanel } from '../tasks/task-panel.tsx';
import { outcomeOf } from '../tasks/task-words.ts';
import { StepFrame } from './step-frame.tsx';

/** The vault of a kit is taken up; the identity is here already, so whatever happens one may go on. */
export function VaultBack({
  kit,
  busy,
  error,
  onDone,
}: {
  kit: string;
  busy: boolean;
  error: unknown;
  onDone: () => void;
}) {
  const t = useT();
  const format = useFormat();
  const recover = useAgentMutation('vault.recover', { quiet: true });
  const { mutate } = recover;
  const [begun] = useState(() => ({ once: false }));
  useEffect(() => {
    // Begun by coming here: the kit was given for that.
    if (begun.once) return;
    begun.once = true;
    mutate({ kit });
  }, [begun, kit, mutate]);
  const task = useTask(recover.data?.task ?? null);
  const failed = recover.error !== null || (task !== null && task.state !== 'running' && task.state !== 'done');
  const done = task?.state === 'done';
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (done) button.current?.focus();
  }, [done]);
  return (
    <StepFrame
      title={t('recovery.restore.vaultTitle')}
      text={t('recovery.restore.vaultText')}
      onSubmit={() => done && onDone()}
      actions={
        <>
          {done && (
            <Button ref={button} tone="primary" type="submit" busy={busy}>
              {t('common.continue')}
            </Button>
          )}
          {failed && (
            <>
              <Button tone="primary" busy={recover.isPending} onClick={() => mutate({ kit })}>
                {t('recovery.restore.retry')}
              </Button>
              <Button onClick={() => mutate({ kit, othersLost: true })}>{t('recovery.restore.othersLost')}</Button>
            </>
          )}
          {!done && (
            <Button tone="quiet" busy={busy} onClick={onDone}>
              {t('recovery.restore.without')}
            </Button>
          )}
        </>
      }
    >
      {error ? <ErrorPanel error={error} /> : null}
      {recover.error && <ErrorPanel error={recover.error} />}
      {recover.data && (
        <TaskPanel
          key={recover.data.task}
          id={recover.data.task}
          outcome={() => ({
            good: true,
            text: (task && outcomeOf(task, t, format)?.text) ?? t('recovery.restore.back'),
          })}
        />
      )}
    </StepFrame>
  );
}
