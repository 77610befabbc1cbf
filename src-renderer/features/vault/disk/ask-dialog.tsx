import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Notice } from '../../../ui/panel.tsx';

/** What it means to let programs in, or to change what lets them in; `onDone` takes the new password, null for the old one. */
export function AskDialog({
  kind,
  onDone,
  onClose,
}: {
  kind: 'on' | 'password';
  onDone: (password: string | null) => void;
  onClose: () => void;
}) {
  const t = useT();
  const turn = useAgentMutation('vault.webdavOn', { quiet: true, onDone: ({ password }) => onDone(password) });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(kind === 'on' ? 'vault.disk.askTitle' : 'vault.disk.newTitle')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            tone="primary"
            busy={turn.isPending}
            onClick={() => turn.mutate({ newPassword: kind === 'password' })}
          >
            {t(kind === 'on' ? 'vault.disk.on' : 'vault.disk.newPassword')}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Notice>{t(kind === 'on' ? 'vault.disk.askText' : 'vault.disk.newText')}</Notice>
        {turn.error && <ErrorPanel error={turn.error} />}
      </div>
    </Dialog>
  );
}
