import { useState } from 'react';
import type { Lent } from '#shared/contract/vault.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Field, Input } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { bytesOfGib, gibOf } from './gib.ts';

/** How much a borrower may store from now on. */
export function ChangeLoanDialog({ loan, onClose }: { loan: Lent; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const [gib, setGib] = useState(gibOf(loan.bytes));
  const [tried, setTried] = useState(false);
  const change = useAgentMutation('vault.changeLoan', {
    quiet: true,
    done: () => t('settings.changed'),
    onDone: onClose,
  });
  const bytes = bytesOfGib(gib);
  const submit = () => {
    setTried(true);
    if (bytes !== null) change.mutate({ name: loan.name, bytes });
  };
  return (
    <FormDialog
      title={t('vault.lending.changeTitle', { name: loan.name })}
      description={t('vault.lending.changeText', { used: format.bytes(loan.used) })}
      width="narrow"
      submit={t('common.save')}
      busy={change.isPending}
      error={change.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('vault.rooms.gib')}
        error={tried && bytes === null ? t('vault.lending.least') : undefined}
        required
      >
        {(control) => (
          <Input {...control} autoFocus inputMode="decimal" value={gib} onChange={(e) => setGib(e.target.value)} />
        )}
      </Field>
    </FormDialog>
  );
}
