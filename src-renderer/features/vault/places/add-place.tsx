import { type FormEvent, useState } from 'react';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFailureText } from '../../../lib/failure.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { Field, Input } from '../../../ui/field.tsx';

export function AddPlaceDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const failureText = useFailureText();
  const [path, setPath] = useState('');
  const [name, setName] = useState('');
  const [tried, setTried] = useState(false);
  const add = useAgentMutation('vault.addPlace', {
    quiet: true,
    done: (input) => t('vault.places.added', { name: input.name ?? input.path ?? '' }),
    onDone: onClose,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (path.trim()) add.mutate({ path: path.trim(), ...(name.trim() ? { name: name.trim().slice(0, 64) } : {}) });
  };
  const failure = add.error && failureText(add.error);
  const error = failure
    ? [failure.message, failure.next].filter(Boolean).join(' ')
    : tried && !path.trim()
      ? t('vault.places.pathMissing')
      : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('vault.places.add')}
      description={t('vault.places.addText')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button tone="primary" type="submit" form="add-place" busy={add.isPending}>
            {t('vault.places.add')}
          </Button>
        </>
      }
    >
      <form id="add-place" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field label={t('vault.places.path')} hint={t('vault.places.pathHint')} error={error} required>
          {(control) => (
            <Input
              {...control}
              autoFocus
              dir="ltr"
              className="font-mono text-sm"
              value={path}
              onChange={(event) => {
                setPath(event.target.value);
                add.reset();
              }}
            />
          )}
        </Field>
        <Field label={t('common.name')} hint={t('vault.places.nameHint')} optional>
          {(control) => (
            <Input {...control} maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
      </form>
    </Dialog>
  );
}
