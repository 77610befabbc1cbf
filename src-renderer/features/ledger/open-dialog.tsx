import { useState } from 'react';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Field, Input } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { Notice } from '../../ui/panel.tsx';

/** What the credits are called. It stays for good, which is said before. */
export function OpenDialog({ onTask, onClose }: { onTask: (task: TaskId) => void; onClose: () => void }) {
  const t = useT();
  const [symbol, setSymbol] = useState('');
  const [name, setName] = useState('');
  const [tried, setTried] = useState(false);
  const open = useAgentMutation('ledger.open', { quiet: true, onDone: ({ task }) => onTask(task) });
  const right = /^[A-Za-z][A-Za-z0-9]{2,9}$/.test(symbol.trim());
  const submit = () => {
    setTried(true);
    if (!right) return;
    open.mutate({ symbol: symbol.trim(), ...(name.trim() === '' ? {} : { name: name.trim() }) });
  };
  return (
    <FormDialog
      title={t('ledger.open')}
      description={t('ledger.openText')}
      submit={t('ledger.openDo')}
      busy={open.isPending}
      error={open.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('ledger.symbol')}
        hint={t('ledger.symbolHint')}
        error={tried && !right ? t('ledger.symbolWrong') : undefined}
        required
      >
        {(control) => (
          <Input
            {...control}
            maxLength={10}
            className="font-mono"
            value={symbol}
            onChange={(event) => setSymbol(event.target.value.toUpperCase())}
          />
        )}
      </Field>
      <Field label={t('ledger.name')} hint={t('ledger.nameHint')} optional>
        {(control) => (
          <Input {...control} maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Notice>{t('ledger.stays')}</Notice>
    </FormDialog>
  );
}
