import { useState } from 'react';
import type { Contact } from '#shared/contract/contacts.ts';
import { displayNameSchema } from '#shared/contract/identity.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, Input, TextArea } from '../../ui/field.tsx';
import { IdentityMark } from '../../ui/identity-mark.tsx';
import { Notice } from '../../ui/panel.tsx';
import { toast } from '../../ui/toast.tsx';

/** Paste a link, see whose it is, add them. */
export function AddContact({
  given,
  onClose,
  onAdded,
}: {
  given: string;
  onClose: () => void;
  onAdded: (id: Contact['id']) => void;
}) {
  const t = useT();
  const [link, setLink] = useState(given);
  const [typed, setTyped] = useState<string | null>(null);
  const card = link.trim();
  const look = useAgentQuery('contacts.look', { card }, { enabled: card !== '' });
  const found = card === '' ? undefined : look.data;
  const add = useAgentMutation('contacts.add', {
    quiet: true,
    onDone: ({ contact, outcome }) => {
      const added = outcome === 'added' || outcome === 'back';
      const key = added ? ('contacts.addDialog.added' as const) : ('contacts.addDialog.updated' as const);
      toast.done(t(key, { name: contact.petname }), undefined, `contact ${contact.id}`);
      onAdded(contact.id);
    },
  });
  const name = typed ?? found?.petname ?? '';
  const parsed = displayNameSchema.safeParse(name);
  const known = found !== undefined && found.contact !== null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('contacts.add')}
      description={t('contacts.addDialog.text')}
      footer={
        <>
          <Button onClick={onClose}>{t('common.cancel')}</Button>
          <Button
            tone="primary"
            type="submit"
            form="add-contact"
            disabled={!found || !parsed.success}
            busy={add.isPending}
          >
            {known
              ? t('contacts.addDialog.update')
              : parsed.success
                ? t('contacts.addDialog.submit', { name: parsed.data })
                : t('contacts.add')}
          </Button>
        </>
      }
    >
      <form
        id="add-contact"
        className="flex flex-col gap-4 pb-1"
        onSubmit={(event) => {
          event.preventDefault();
          if (!found || !parsed.success) return;
          // The name only where it was chosen: the agent finds a free one itself.
          add.mutate({ card, ...(known || typed === null ? {} : { petname: parsed.data }) });
        }}
      >
        <Field label={t('contacts.addDialog.link')}>
          {(control) => (
            <TextArea
              {...control}
              rows={3}
              className="font-mono text-xs! break-all"
              value={link}
              onChange={(event) => {
                setLink(event.target.value);
                setTyped(null);
                add.reset();
              }}
            />
          )}
        </Field>
        {card !== '' && look.error && <ErrorPanel error={look.error} />}
        {found && <Found found={found} />}
        {found && !known && (
          <Field label={t('contacts.addDialog.name')} hint={t('contacts.addDialog.nameHint')}>
            {(control) => (
              <Input {...control} maxLength={64} value={name} onChange={(event) => setTyped(event.target.value)} />
            )}
          </Field>
        )}
        {add.error && <ErrorPanel error={add.error} />}
      </form>
    </Dialog>
  );
}

interface Looked {
  readonly person: string;
  readonly name: string;
  readonly kind: 'whole' | 'short';
  readonly devices: number;
  readonly expiresAt: number;
  readonly contact: Contact | null;
  readonly looksLike: string | null;
}

function Found({ found }: { found: Looked }) {
  const t = useT();
  const format = useFormat();
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center gap-3">
        <IdentityMark id={found.person} size={40} />
        <div className="min-w-0 text-sm">
          <p className="truncate text-base font-semibold">
            <bdi>{found.name}</bdi>
          </p>
          <Copyable value={found.person} what={t('contacts.sheet.person')} />
          <p className="text-ink-soft">
            {t('contacts.addDialog.devices', { count: found.devices, date: format.date(found.expiresAt) })}
          </p>
        </div>
      </div>
      {found.contact && <Notice>{t('contacts.addDialog.known', { name: found.contact.petname })}</Notice>}
      {found.looksLike !== null && (
        <Notice tone="attention">{t('contacts.addDialog.looksLike', { name: found.looksLike })}</Notice>
      )}
      {found.kind === 'short' && <Notice tone="attention">{t('contacts.addDialog.short')}</Notice>}
    </div>
  );
}
