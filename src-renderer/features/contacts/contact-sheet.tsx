import { useState } from 'react';
import type { Contact } from '#shared/contract/contacts.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { IdentityMark } from '../../ui/identity-mark.tsx';
import { Facts, Notice } from '../../ui/panel.tsx';
import { Sheet } from '../../ui/sheet.tsx';
import { State } from '../../ui/state.tsx';
import { toast } from '../../ui/toast.tsx';
import { CompareDialog } from './compare-dialog.tsx';
import { hostOf, stateOf } from './contact-state.ts';
import { RenameContact } from './rename-contact.tsx';

/** One contact: who it is for sure, and what can be done about it. */
export function ContactSheet({ contact, onClose }: { contact: Contact; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const [dialog, setDialog] = useState<'compare' | 'rename' | null>(null);
  const name = contact.petname;
  const told = (text: string, undo: () => void) =>
    toast.done(text, { label: t('common.undo'), onSelect: undo }, `contact ${contact.id}`);
  const block = useAgentMutation('contacts.block', {
    onDone: () => told(t('contacts.blocked', { name }), () => unblock.mutate({ contact: contact.id })),
  });
  const unblock = useAgentMutation('contacts.unblock', {
    onDone: () => toast.done(t('contacts.unblocked', { name }), undefined, `contact ${contact.id}`),
  });
  const restore = useAgentMutation('contacts.restore', {
    onDone: () => toast.done(t('contacts.restored', { name }), undefined, `contact ${contact.id}`),
  });
  const remove = useAgentMutation('contacts.remove', {
    onDone: () => {
      told(t('contacts.removed', { name }), () => restore.mutate({ contact: contact.id }));
      onClose();
    },
  });
  const { tone, word } = stateOf(contact);
  const host = hostOf(contact);
  const waiting = contact.state === 'waiting';
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={name}
      footer={
        <>
          <Button busy={remove.isPending} onClick={() => remove.mutate({ contact: contact.id })}>
            {t('contacts.remove')}
          </Button>
          {contact.blocked ? (
            <Button busy={unblock.isPending} onClick={() => unblock.mutate({ contact: contact.id })}>
              {t('contacts.unblock')}
            </Button>
          ) : (
            <Button busy={block.isPending} onClick={() => block.mutate({ contact: contact.id })}>
              {t('contacts.block')}
            </Button>
          )}
          <Button onClick={() => setDialog('rename')}>{t('contacts.rename')}</Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 px-5 py-4">
        <div className="flex items-center gap-3">
          <IdentityMark id={contact.person} size={44} />
          <State tone={tone}>{t(word)}</State>
        </div>
        {contact.forkSeenAt !== null && <Notice tone="danger">{t('contacts.forked')}</Notice>}
        {waiting && <Notice tone="attention">{t('contacts.waiting')}</Notice>}
        {!waiting && (
          <div>
            <Button tone={contact.verifiedAt === null ? 'primary' : 'plain'} onClick={() => setDialog('compare')}>
              {contact.verifiedAt === null ? t('contacts.compare') : t('contacts.compareAgain')}
            </Button>
          </div>
        )}
        <Facts
          rows={[
            { label: t('contacts.sheet.callsThemselves'), value: <bdi>{contact.name}</bdi> },
            {
              label: t('contacts.sheet.host'),
              value:
                host === null ? (
                  t('contacts.sheet.noHost')
                ) : (
                  <Copyable value={host} what={t('contacts.sheet.host')} whole />
                ),
            },
            {
              label: t('contacts.sheet.person'),
              value: <Copyable value={contact.person} what={t('contacts.sheet.person')} />,
            },
            {
              label: t('contacts.sheet.verified'),
              value: contact.verifiedAt === null ? t('contacts.sheet.verifiedNever') : format.date(contact.verifiedAt),
            },
            { label: t('contacts.sheet.card'), value: format.date(contact.cardAt) },
            {
              label: t('contacts.sheet.devices'),
              value: (
                <ul>
                  {contact.devices.map(({ meshKey, revokedAt, seenAt }) => (
                    <li key={meshKey} className="flex flex-wrap items-center gap-2">
                      <Copyable value={meshKey} what={t('contacts.sheet.device')} />
                      {revokedAt !== null && <State tone="idle">{t('contacts.sheet.deviceRevoked')}</State>}
                      {revokedAt === null && seenAt !== null && (
                        <span className="text-sm text-ink-soft">
                          {t('contacts.sheet.deviceSince', { date: format.date(seenAt) })}
                        </span>
                      )}
                    </li>
                  ))}
                </ul>
              ),
            },
          ]}
        />
      </div>
      {dialog === 'compare' && <CompareDialog contact={contact} onClose={() => setDialog(null)} />}
      {dialog === 'rename' && <RenameContact contact={contact} onClose={() => setDialog(null)} />}
    </Sheet>
  );
}
