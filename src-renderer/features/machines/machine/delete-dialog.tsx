import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { Machine } from '#shared/contract/machines.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { calledBy } from './address.ts';

/** Deleting a machine is for good: its name is typed, so that no click does it by itself. */
export function DeleteDialog({ machine, onClose }: { machine: Machine; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const navigate = useNavigate();
  const { name } = machine.spec;
  const [typed, setTyped] = useState('');
  const [tried, setTried] = useState(false);
  const remove = useAgentMutation('machines.delete', {
    onDone: () => {
      onClose();
      void navigate({ to: '/machines' });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (typed === name) remove.mutate({ machine: calledBy(machine) });
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="narrow"
      title={t('machines.askDelete.title', { name })}
      description={t('machines.askDelete.text', {
        size: format.bytes(machine.diskUsed),
        count: machine.snapshots.length,
      })}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="danger" type="submit" form="delete-machine" busy={remove.isPending}>
            {t('machines.askDelete.action', { name })}
          </Button>
        </>
      }
    >
      <form id="delete-machine" noValidate onSubmit={submit}>
        <Field
          label={t('machines.askDelete.type', { name })}
          error={tried && typed !== name ? t('machines.askDelete.wrong') : undefined}
        >
          {(control) => (
            <Input {...control} autoFocus value={typed} onChange={(event) => setTyped(event.target.value)} />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
