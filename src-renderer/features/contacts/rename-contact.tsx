import { useState } from 'react';
import type { Contact } from '#shared/contract/contacts.ts';
import { displayNameSchema } from '#shared/contract/identity.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { toast } from '../../ui/toast.tsx';

/** Another name for a contact; the host name follows it unless one is typed. */
export function RenameContact({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const t = useT();
  const [name, setName] = useState(contact.petname);
  const [label, setLabel] = useState<string | null>(null);
  const rename = useAgentMutation('contacts.rename', {
    quiet: true,
    onDone: ({ petname }) => {
      toast.done(t('contacts.renamed', { name: petname }), undefined, `contact ${contact.id}`);
      onClose();
    },
  });
  const parsed = displayNameSchema.safeParse(name);
  const shownLabel = label ?? contact.label;
  return (
    <Dialog
      open
      width="narrow"
      onOpenChange={(open) => !open && onClose()}
      title={t('contacts.renameTitle', { name: contact.petname })}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            tone="primary"
            type="submit"
            form="rename-contact"
            busy={rename.isPending}
            disabled={!parsed.success || (parsed.data === contact.petname && shownLabel === contact.label)}
          >
            {t('common.save')}
          </Button>
        </>
      }
    >
      <form
        id="rename-contact"
        className="flex flex-col gap-4 pb-1"
        onSubmit={(event) => {
          event.preventDefault();
          if (!parsed.success) return;
          rename.mutate({
            contact: contact.id,
            petname: parsed.data,
            ...(label === null || label === contact.label ? {} : { label }),
          });
        }}
      >
        <Field label={t('contacts.addDialog.name')} hint={t('contacts.addDialog.nameHint')}>
          {(control) => (
            <Input {...control} maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
          )}
        </Field>
        <Field label={t('contacts.label')} hint={t('contacts.labelHint', { host: `${shownLabel}.hypha` })}>
          {(control) => (
            <Input
              {...control}
              className="font-mono"
              maxLength={63}
              value={shownLabel}
              onChange={(event) => setLabel(event.target.value.toLowerCase())}
            />
          )}
        </Field>
        {rename.error && <ErrorPanel error={rename.error} />}
      </form>
    </Dialog>
  );
}
