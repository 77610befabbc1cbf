import { useParams } from '@tanstack/react-router';
import { type MessageKey, useT } from '../lib/i18n.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Page } from './frame/page.tsx';

/** Where each kind of thing is shown. */
const targets: Readonly<Record<string, (id: string) => string>> = {
  file: (id) => `/vault/${id}`,
  machine: (id) => `/machines/${id}`,
  activity: () => '/activity',
  task: () => '/activity',
  settings: (id) => `/settings/${id}`,
  identity: () => '/settings/identity',
};

/** `hypha://invite/…`: not yet possible, and said so. The token goes nowhere. */
export function InvitePage() {
  const t = useT();
  return (
    <Page title={t('frame.link.title')}>
      <EmptyState
        title={t('frame.link.invite.title')}
        action={<LinkButton to="/">{t('frame.notFound.home')}</LinkButton>}
      >
        <span className="block">{t('frame.link.invite.text')}</span>
        <span className="mt-2 block">{t('frame.link.invite.keep')}</span>
      </EmptyState>
    </Page>
  );
}

/** A link from outside (`hypha://open/…`): shown with what it wants, followed only by a press of a button. */
export function LinkPage() {
  const t = useT();
  const { type = '', id = '' } = useParams({ strict: false }) as { type?: string; id?: string };
  const target = Object.hasOwn(targets, type) ? targets[type] : undefined;
  return (
    <Page title={t('frame.link.title')}>
      {target ? (
        <EmptyState
          title={t('frame.link.ask', { what: t(`frame.link.kinds.${type}` as MessageKey) })}
          action={
            <>
              <LinkButton to="/">{t('frame.link.ignore')}</LinkButton>
              <LinkButton tone="primary" to={target(id)}>
                {t('frame.link.open')}
              </LinkButton>
            </>
          }
        >
          <span className="font-mono break-all">{id}</span>
        </EmptyState>
      ) : (
        <EmptyState
          title={t('frame.link.unknown')}
          action={<LinkButton to="/">{t('frame.notFound.home')}</LinkButton>}
        />
      )}
    </Page>
  );
}
