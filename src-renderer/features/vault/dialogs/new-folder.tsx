import { type FormEvent, useState } from 'react';
import { itemNameSchema } from '#shared/contract/vault.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFailureText } from '../../../lib/failure.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import type { Target } from '../upload/job.ts';

export function NewFolderDialog({ parent, onClose }: { parent: Target; onClose: () => void }) {
  const t = useT();
  const failureText = useFailureText();
  const [name, setName] = useState('');
  const [tried, setTried] = useState(false);
  const make = useAgentMutation('vault.makeFolder', {
    quiet: true,
    done: (input) => t('vault.folderMade', { name: input.name }),
    onDone: onClose,
  });
  const wrong = itemNameSchema.safeParse(name).error?.issues[0]?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!wrong) make.mutate({ parent, name });
  };
  const error = make.error ? failureText(make.error).message : tried ? wrong : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.newFolder.title')}
      width="narrow"
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" busy={make.isPending} type="submit" form="new-folder">
            {t('vault.newFolder.make')}
          </Button>
        </>
      }
    >
      <form id="new-folder" onSubmit={submit} noValidate>
        <Field label={t('common.name')} error={error} required>
          {(control) => (
            <Input
              {...control}
              autoFocus
              value={name}
              onChange={(event) => {
                setName(event.target.value);
                make.reset();
              }}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
