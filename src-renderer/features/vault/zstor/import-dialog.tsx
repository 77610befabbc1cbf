import { useState } from 'react';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Switch } from '../../../ui/choice.tsx';
import { Field, Input, TextArea } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { type Clash, ClashField } from '../dialogs/clash-field.tsx';
import { pathsIn } from './paths-in.ts';

/** Which deployment, which of its objects, and where they go. */
export function ZstorImportDialog({ onClose, onStarted }: { onClose: () => void; onStarted: (task: TaskId) => void }) {
  const t = useT();
  const [config, setConfig] = useState('');
  const [all, setAll] = useState(true);
  const [text, setText] = useState('');
  const [into, setInto] = useState('/');
  const [clash, setClash] = useState<Clash>('both');
  const [tried, setTried] = useState(false);
  const copy = useAgentMutation('vault.importZstor', { quiet: true, onDone: ({ task }) => onStarted(task) });
  const paths = pathsIn(text);
  const nothing = !all && paths.length === 0;
  const submit = () => {
    setTried(true);
    if (config.trim() === '' || nothing) return;
    copy.mutate({ config: config.trim(), paths, all, into: into.trim() || '/', clash });
  };
  return (
    <FormDialog
      title={t('vault.zstor.importTitle')}
      submit={t('vault.zstor.importDo')}
      busy={copy.isPending}
      error={copy.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('vault.zstor.config')}
        hint={t('vault.zstor.configHint')}
        error={tried && config.trim() === '' ? t('vault.zstor.configMissing') : undefined}
        required
      >
        {(control) => (
          <Input
            {...control}
            autoFocus
            dir="ltr"
            className="font-mono text-sm"
            value={config}
            onChange={(e) => setConfig(e.target.value)}
          />
        )}
      </Field>
      <Switch checked={all} onChange={setAll} label={t('vault.zstor.all')} hint={t('vault.zstor.allHint')} />
      <Field
        label={t('vault.zstor.paths')}
        hint={t(all ? 'vault.zstor.pathsAll' : 'vault.zstor.pathsHint')}
        error={tried && nothing ? t('vault.zstor.pathsMissing') : undefined}
        optional={all}
      >
        {(control) => (
          <TextArea
            {...control}
            dir="ltr"
            className="font-mono text-sm"
            value={text}
            onChange={(e) => setText(e.target.value)}
          />
        )}
      </Field>
      <Field label={t('vault.zstor.into')} hint={t('vault.watched.folderHint')}>
        {(control) => <Input {...control} value={into} onChange={(e) => setInto(e.target.value)} />}
      </Field>
      <ClashField value={clash} onChange={setClash} />
    </FormDialog>
  );
}
