import { type FormEvent, useState } from 'react';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input } from '../../../ui/field.tsx';

/** Take a snapshot now, under a name that says why. */
export function TakeDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [name, setName] = useState('');
  const take = useAgentMutation('vault.takeSnapshot', { quiet: true, onDone: onClose });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    take.mutate({ name: name.trim() });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.snapshots.takeTitle')}
      description={t('vault.snapshots.takeText')}
      width="narrow"
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" busy={take.isPending} type="submit" form="take-snapshot">
            {t('vault.snapshots.take')}
          </Button>
        </>
      }
    >
      <form id="take-snapshot" onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Field label={t('vault.snapshots.nameLabel')}>
          {(control) => (
            <Input {...control} autoFocus maxLength={100} value={name} onChange={(e) => setName(e.target.value)} />
          )}
        </Field>
        {take.error && <ErrorPanel error={take.error} />}
      </form>
    </Dialog>
  );
}
