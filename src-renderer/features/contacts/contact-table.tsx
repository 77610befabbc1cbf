import type { Contact } from '#shared/contract/contacts.ts';
import { useT } from '../../lib/i18n.ts';
import { IdentityMark } from '../../ui/identity-mark.tsx';
import { State } from '../../ui/state.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { hostOf, stateOf } from './contact-state.ts';

export function ContactTable({
  contacts,
  onOpen,
}: {
  contacts: readonly Contact[];
  onOpen: (contact: Contact) => void;
}) {
  const t = useT();
  return (
    <Table
      label={t('contacts.list')}
      rows={contacts}
      rowKey={({ id }) => id}
      onOpen={onOpen}
      columns={[
        {
          key: 'name',
          header: t('contacts.column.name'),
          cell: (contact) => (
            <span className="flex min-w-0 items-center gap-2.5">
              <IdentityMark id={contact.person} size={22} />
              <button
                type="button"
                className="min-w-0 truncate rounded-sm font-medium hover:underline"
                onClick={(event) => {
                  event.stopPropagation();
                  onOpen(contact);
                }}
              >
                <bdi>{contact.petname}</bdi>
              </button>
            </span>
          ),
        },
        {
          key: 'host',
          header: t('contacts.column.host'),
          width: '14rem',
          phone: false,
          cell: (contact) => <span className="font-mono text-ink-soft">{hostOf(contact) ?? ''}</span>,
        },
        {
          key: 'state',
          header: t('contacts.column.state'),
          width: '12rem',
          phone: '2.5rem',
          cell: (contact) => {
            const { tone, word } = stateOf(contact);
            return (
              <State small tone={tone}>
                {t(word)}
              </State>
            );
          },
        },
        {
          key: 'added',
          header: t('contacts.column.added'),
          width: '9rem',
          wideOnly: true,
          cell: ({ addedAt }) => <Time at={addedAt} className="text-ink-soft" />,
        },
      ]}
    />
  );
}
