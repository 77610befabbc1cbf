import { type FormEvent, useState } from 'react';
import type { VaultItem } from '#shared/contract/vault.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { type Out, useAgentMutation, useTask } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFailureText } from '../../../lib/failure.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { TaskPanel } from '../../tasks/task-panel.tsx';
import { shownName } from '../browse/shown-name.ts';
import { TargetField, useTarget } from './target-field.tsx';

/** Write files and folders to a directory of the computer the agent runs on. It goes on when the dialog is closed. */
export function SaveDialog({ items, onClose }: { items: readonly VaultItem[]; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const failureText = useFailureText();
  const target = useTarget();
  const { info, to } = target;
  const ready = useLink().phase === 'ready';
  const [tried, setTried] = useState(false);
  const [task, setTask] = useState<{ id: TaskId; to: string } | null>(null);
  const save = useAgentMutation('vault.export', {
    quiet: true,
    onDone: ({ task: id }, { to }) => setTask({ id, to }),
  });
  const state = useTask(task?.id ?? null)?.state;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (to !== null) save.mutate({ items: items.map((item) => item.id), to });
  };
  const failure = save.error && failureText(save.error);
  const error = failure
    ? [failure.message, failure.next].filter(Boolean).join(' ')
    : tried && to === null
      ? t('vault.save.notWhole')
      : undefined;
  const size = items.reduce((sum, item) => sum + item.size, 0);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={
        items.length === 1 && items[0]
          ? t('vault.save.titleOne', { name: shownName(items[0].name) })
          : t('vault.save.title', { count: items.length })
      }
      {...(task === null ? { description: t('vault.save.text', { size: format.bytes(size) }) } : {})}
      footer={
        task === null ? (
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button tone="primary" type="submit" form="save-items" busy={save.isPending} disabled={!ready || !info}>
              {t('vault.save.do')}
            </Button>
          </>
        ) : (
          <>
            {state !== undefined && state !== 'running' && state !== 'done' && (
              <Button onClick={() => setTask(null)}>{t('common.back')}</Button>
            )}
            <Button onClick={onClose}>{t('common.close')}</Button>
          </>
        )
      }
    >
      {task === null ? (
        <form id="save-items" noValidate onSubmit={submit}>
          <TargetField target={target} error={error} autoFocus onChange={save.reset} />
        </form>
      ) : (
        <Saving id={task.id} to={task.to} />
      )}
    </Dialog>
  );
}

function Saving({ id, to }: { id: TaskId; to: string }) {
  const t = useT();
  const format = useFormat();
  const [skipped, setSkipped] = useState<Out<'vault.export'>['skipped']>([]);
  return (
    <div className="flex flex-col gap-3 text-sm">
      <TaskPanel
        id={id}
        onDone={(task) => setSkipped((task.result as Out<'vault.export'>).skipped)}
        outcome={(result) => {
          const { files, bytes, skipped: left, renamed = [] } = result as Out<'vault.export'>;
          const words = [
            t('vault.save.saved', { count: files, size: format.bytes(bytes), to }),
            ...(renamed.length > 0 ? [t('tasks.result.vault.renamed', { count: renamed.length })] : []),
          ].join(' ');
          return left.length === 0
            ? { good: true, text: words }
            : { good: false, text: `${words} ${t('vault.save.left', { count: left.length })}` };
        }}
      />
      {skipped.length > 0 && (
        <ul
          aria-label={t('vault.save.leftList')}
          className="flex max-h-48 flex-col gap-1 overflow-y-auto text-ink-soft"
        >
          {skipped.slice(0, 200).map((one) => (
            <li key={one.path} className="break-words">
              <bdi>{shownName(one.path)}</bdi>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
