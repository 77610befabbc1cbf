import { useState } from 'react';
import type { Watched } from '#shared/contract/vault.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Field, TextArea } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';

/** Names that are left out on both sides, one a line. */
export function IgnoreDialog({ folder, onClose }: { folder: Watched; onClose: () => void }) {
  const t = useT();
  const [text, setText] = useState(folder.ignore.join('\n'));
  const change = useAgentMutation('vault.changeWatched', {
    quiet: true,
    done: () => t('vault.watched.ignoreChanged'),
    onDone: onClose,
  });
  const submit = () => {
    const ignore = [...new Set(text.split('\n').map((line) => line.trim()))].filter((line) => line !== '');
    change.mutate({ watched: folder.id, ignore });
  };
  return (
    <FormDialog
      title={t('vault.watched.ignoreTitle')}
      submit={t('common.save')}
      busy={change.isPending}
      error={change.error}
      onSubmit={submit}
      onClose={onClose}
    >
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
    </FormDialog>
  );
}
