import { type FormEvent, useState } from 'react';
import type { Lent } from '#shared/contract/vault.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input } from '../../../ui/field.tsx';
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
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (bytes !== null) change.mutate({ name: loan.name, bytes });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.lending.changeTitle', { name: loan.name })}
      description={t('vault.lending.changeText', { used: format.bytes(loan.used) })}
      width="narrow"
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" type="submit" form="change-loan" busy={change.isPending}>
            {t('common.save')}
          </Button>
        </>
      }
    >
      <form id="change-loan" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field
          label={t('vault.rooms.gib')}
          error={tried && bytes === null ? t('vault.lending.least') : undefined}
          required
        >
          {(control) => (
            <Input {...control} autoFocus inputMode="decimal" value={gib} onChange={(e) => setGib(e.target.value)} />
          )}
        </Field>
        {change.error && <ErrorPanel error={change.error} />}
      </form>
    </Dialog>
  );
}
