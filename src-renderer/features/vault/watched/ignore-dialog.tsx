import { type FormEvent, useState } from 'react';
import type { Watched } from '#shared/contract/vault.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, TextArea } from '../../../ui/field.tsx';

/** Names that are left out on both sides, one a line. */
export function IgnoreDialog({ folder, onClose }: { folder: Watched; onClose: () => void }) {
  const t = useT();
  const [text, setText] = useState(folder.ignore.join('\n'));
  const change = useAgentMutation('vault.changeWatched', {
    quiet: true,
    done: () => t('vault.watched.ignoreChanged'),
    onDone: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const ignore = [...new Set(text.split('\n').map((line) => line.trim()))].filter((line) => line !== '');
    change.mutate({ watched: folder.id, ignore });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.watched.ignoreTitle')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" busy={change.isPending} type="submit" form="ignore-names">
            {t('common.save')}
          </Button>
        </>
      }
    >
      <form id="ignore-names" onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Field label={t('vault.watched.ignore')} hint={t('vault.watched.ignoreHint')}>
          {(control) => (
            <TextArea
              {...control}
              autoFocus
              dir="ltr"
              rows={8}
              className="font-mono text-sm"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          )}
        </Field>
        {change.error && <ErrorPanel error={change.error} />}
      </form>
    </Dialog>
  );
}
