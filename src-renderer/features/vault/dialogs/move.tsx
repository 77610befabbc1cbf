import { useState } from 'react';
import type { ItemId } from '#shared/model/ids.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFailureText } from '../../../lib/failure.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import type { Target } from '../upload/job.ts';
import { FolderTree } from './folder-tree.tsx';

/** Move items: pick a folder of the tree. The items' own folders cannot be picked. */
export function MoveDialog({ items, onClose }: { items: readonly ItemId[]; onClose: () => void }) {
  const t = useT();
  const failureText = useFailureText();
  const [into, setInto] = useState<Target>('root');
  const move = useAgentMutation('vault.move', {
    quiet: true,
    done: (input) => t('vault.moved', { count: input.items.length }),
    onDone: onClose,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.move.title', { count: items.length })}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" busy={move.isPending} onClick={() => move.mutate({ items: [...items], into })}>
            {t('vault.move.here')}
          </Button>
        </>
      }
    >
      <FolderTree value={into} onChange={setInto} without={new Set(items)} />
      {move.error && (
        <p role="alert" className="pt-2 text-sm text-danger">
          {failureText(move.error).message} {failureText(move.error).next}
        </p>
      )}
    </Dialog>
  );
}
