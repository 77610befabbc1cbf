import { useState } from 'react';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Field, Input, TextArea } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { pathsIn } from './paths-in.ts';

/** Which files, to which deployment, and by which path it will know them. */
export function ZstorExportDialog({ onClose, onStarted }: { onClose: () => void; onStarted: (task: TaskId) => void }) {
  const t = useT();
  const [text, setText] = useState('');
  const [config, setConfig] = useState('');
  const [as, setAs] = useState('');
  const [tried, setTried] = useState(false);
  const write = useAgentMutation('vault.exportZstor', { quiet: true, onDone: ({ task }) => onStarted(task) });
  const items = pathsIn(text);
  const missing = (empty: boolean, words: string) => (tried && empty ? words : undefined);
  const submit = () => {
    setTried(true);
    if (items.length === 0 || config.trim() === '' || !as.trim().startsWith('/')) return;
    write.mutate({ items, config: config.trim(), as: as.trim() });
  };
  return (
    <FormDialog
      title={t('vault.zstor.exportTitle')}
      submit={t('vault.zstor.exportDo')}
      busy={write.isPending}
      error={write.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('vault.zstor.items')}
        hint={t('vault.zstor.itemsHint')}
        error={missing(items.length === 0, t('vault.zstor.itemsMissing'))}
        required
      >
        {(control) => (
          <TextArea
            {...control}
            autoFocus
            dir="ltr"
            rows={3}
            className="font-mono text-sm"
            value={text}
            onChange={(e) => setText(e.target.value)}
          />
        )}
      </Field>
      <Field
        label={t('vault.zstor.config')}
        hint={t('vault.zstor.configHint')}
        error={missing(config.trim() === '', t('vault.zstor.configMissing'))}
        required
      >
        {(control) => (
          <Input
            {...control}
            dir="ltr"
            className="font-mono text-sm"
            value={config}
            onChange={(e) => setConfig(e.target.value)}
          />
        )}
      </Field>
      <Field
        label={t('vault.zstor.as')}
        hint={t('vault.zstor.asHint')}
        error={missing(!as.trim().startsWith('/'), t('vault.zstor.asMissing'))}
        required
      >
        {(control) => (
          <Input
            {...control}
            dir="ltr"
            className="font-mono text-sm"
            value={as}
            onChange={(e) => setAs(e.target.value)}
          />
        )}
      </Field>
      <Notice>{t('vault.zstor.exportNote')}</Notice>
    </FormDialog>
  );
}
