import { useState } from 'react';
import type { TakenShare } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { type Out, useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { TaskPanel } from '../../tasks/task-panel.tsx';
import { shownName } from '../browse/shown-name.ts';
import { FolderTree } from '../dialogs/folder-tree.tsx';
import type { Target } from '../upload/job.ts';

/** Save what is shared in a folder of the person's own vault. It goes on when the dialog is closed. */
export function SaveSharedDialog({
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
  const [into, setInto] = useState<Target>('root');
  const [task, setTask] = useState<TaskId | null>(null);
  const save = useAgentMutation('vault.saveShared', { quiet: true, onDone: ({ task: id }) => setTask(id) });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.shares.saveTitle', { name: shownName(share.name) })}
      footer={
        task === null ? (
          <>
            <Button onClick={onClose}>{t('common.cancel')}</Button>
            <Button
              tone="primary"
              busy={save.isPending}
              onClick={() => save.mutate({ share: share.id, into, items: [...items] })}
            >
              {t('vault.shares.saveHere')}
            </Button>
          </>
        ) : (
          <Button onClick={onClose}>{t('common.close')}</Button>
        )
      }
    >
      {task === null ? (
        <div className="flex flex-col gap-3">
          <FolderTree value={into} onChange={setInto} without={new Set()} />
          {save.error && <ErrorPanel error={save.error} />}
        </div>
      ) : (
        <TaskPanel
          id={task}
          outcome={(result) => {
            const { files, bytes } = result as Out<'vault.saveShared'>;
            return {
              good: true,
              text: t('tasks.result.vault.saveShared', { count: files, size: format.bytes(bytes) }),
            };
          }}
        />
      )}
    </Dialog>
  );
}
