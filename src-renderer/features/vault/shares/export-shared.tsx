import { type FormEvent, useState } from 'react';
import type { TakenShare } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { type Out, useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFailureText } from '../../../lib/failure.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { TaskPanel } from '../../tasks/task-panel.tsx';
import { shownName } from '../browse/shown-name.ts';
import { TargetField, useTarget } from '../save/target-field.tsx';

/** Write what is shared to a directory of this computer, beside the vault. It goes on when the dialog is closed. */
export function ExportSharedDialog({
  share,
  items,
  onClose,
}: {
  share: TakenShare;
  items: readonly ItemId[];
  onClose: () => void;
}) {
  const t = useT();
  const format = useFormat();
  const failureText = useFailureText();
  const ready = useLink().phase === 'ready';
  const target = useTarget();
  const { info, to } = target;
  const [tried, setTried] = useState(false);
  const [task, setTask] = useState<{ id: TaskId; to: string } | null>(null);
  const write = useAgentMutation('vault.exportShared', {
    quiet: true,
    onDone: ({ task: id }, input) => setTask({ id, to: input.to }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (to !== null) write.mutate({ share: share.id, to, items: [...items] });
  };
  const failure = write.error && failureText(write.error);
  const error = failure
    ? [failure.message, failure.next].filter(Boolean).join(' ')
    : tried && to === null
      ? t('vault.save.notWhole')
      : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.save.titleOne', { name: shownName(share.name) })}
      {...(task === null ? { description: t('vault.shares.exportText') } : {})}
      footer={
        task === null ? (
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button tone="primary" type="submit" form="export-shared" busy={write.isPending} disabled={!ready || !info}>
              {t('vault.save.do')}
            </Button>
          </>
        ) : (
          <Button onClick={onClose}>{t('common.close')}</Button>
        )
      }
    >
      {task === null ? (
        <form id="export-shared" noValidate onSubmit={submit}>
          <TargetField target={target} error={error} autoFocus onChange={write.reset} />
        </form>
      ) : (
        <TaskPanel
          id={task.id}
          outcome={(result) => {
            const { files, bytes } = result as Out<'vault.exportShared'>;
            return {
              good: true,
              text: t('vault.save.saved', { count: files, size: format.bytes(bytes), to: task.to }),
            };
          }}
        />
      )}
    </Dialog>
  );
}
