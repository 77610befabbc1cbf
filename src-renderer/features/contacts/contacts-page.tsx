import { useNavigate, useParams } from '@tanstack/react-router';
import { MonitorSmartphone, UserPlus } from 'lucide-react';
import { useCallback, useState } from 'react';
import type { Contact } from '#shared/contract/contacts.ts';
import { Page } from '../../app/frame/page.tsx';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { useWanted } from '../../state/use-wanted.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Section } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { Devices } from '../identity/devices.tsx';
import { NeedsIdentity } from '../identity/needs-identity.tsx';
import { AddDevice } from '../identity/pairing/add-device.tsx';
import { AddContact } from './add-contact.tsx';
import { ContactSheet } from './contact-sheet.tsx';
import { ContactTable } from './contact-table.tsx';
import { MyLink } from './my-link.tsx';
import { RemovedContacts } from './removed-contacts.tsx';

/** The people somebody knows, their own link for others, and the devices that act for them. */
export function ContactsPage() {
  const t = useT();
  const navigate = useNavigate();
  const ready = useLink().phase === 'ready';
  // A link that the system handed over; the dialog shows what it says, and nothing is added by itself.
  const { card } = useParams({ strict: false }) as { card?: string };
  const identity = useAgentQuery('identity.status', {});
  const someone = identity.data !== undefined && identity.data.person !== null;
  const { data, error, refetch } = useAgentQuery('contacts.list', {}, { enabled: someone });
  const [adding, setAdding] = useState(false);
  const [shown, setShown] = useState<Contact['id'] | null>(null);
  const [pairing, setPairing] = useState(false);
  const endPairing = useCallback(() => setPairing(false), []);
  useWanted('contacts.add', () => setAdding(true));
  useWanted('pairing.offer', () => setPairing(true));

  if (identity.data && !someone) {
    return (
      <Page title={t('contacts.title')}>
        <NeedsIdentity title={t('contacts.noIdentity')} text={t('contacts.noIdentityText')} />
      </Page>
    );
  }
  const contacts = data?.contacts;
  const open = contacts?.find(({ id }) => id === shown);
  const close = () => {
    setAdding(false);
    if (card !== undefined) void navigate({ to: '/contacts', replace: true });
  };
  return (
    <Page
      title={t('contacts.title')}
      action={
        <Button tone="primary" icon={UserPlus} disabled={!ready || !contacts} onClick={() => setAdding(true)}>
          {t('contacts.add')}
        </Button>
      }
    >
      <div className="flex flex-col gap-8">
        {error && !contacts ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : !contacts ? (
          <Skeleton className="h-48" />
        ) : contacts.length === 0 ? (
          <EmptyState title={t('contacts.empty')}>{t('contacts.emptyText')}</EmptyState>
        ) : (
          <ContactTable contacts={contacts} onOpen={({ id }) => setShown(id)} />
        )}
        {contacts && <RemovedContacts />}
        {contacts && <MyLink />}
        {contacts && (
          <Section
            title={t('contacts.devices')}
            actions={
              <Button icon={MonitorSmartphone} disabled={!ready} onClick={() => setPairing(true)}>
                {t('contacts.pairing.add')}
              </Button>
            }
          >
            <Devices />
          </Section>
        )}
      </div>
      {contacts && (adding || card !== undefined) && (
        <AddContact
          given={card === undefined ? '' : `hypha://contact/${card}`}
          onClose={close}
          onAdded={(id) => {
            close();
            setShown(id);
          }}
        />
      )}
      {pairing && <AddDevice onClose={endPairing} />}
      {open && <ContactSheet contact={open} onClose={() => setShown(null)} />}
    </Page>
  );
}
