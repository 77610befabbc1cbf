import { type FormEvent, useState } from 'react';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Notice } from '../../../ui/panel.tsx';

/** Which directory and which folder, and what it means. */
export function WatchDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [directory, setDirectory] = useState('');
  const [folder, setFolder] = useState('/');
  const watch = useAgentMutation('vault.watch', { quiet: true, onDone: onClose });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    watch.mutate({ directory: directory.trim(), folder: folder.trim() || '/' });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.watched.addTitle')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" busy={watch.isPending} type="submit" form="watch-directory">
            {t('vault.watched.addDo')}
          </Button>
        </>
      }
    >
      <form id="watch-directory" onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Field label={t('vault.watched.directory')} hint={t('vault.watched.directoryHint')}>
          {(control) => (
            <Input {...control} autoFocus value={directory} onChange={(e) => setDirectory(e.target.value)} />
          )}
        </Field>
        <Field label={t('vault.watched.folder')} hint={t('vault.watched.folderHint')}>
          {(control) => <Input {...control} value={folder} onChange={(e) => setFolder(e.target.value)} />}
        </Field>
        <Notice>{t('vault.watched.addText')}</Notice>
        {watch.error && <ErrorPanel error={watch.error} />}
      </form>
    </Dialog>
  );
}
