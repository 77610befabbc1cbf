import { useParams } from '@tanstack/react-router';
import { shownName } from '../features/vault/browse/shown-name.ts';
import { useAgentQuery } from '../lib/agent/hooks.ts';
import { type MessageKey, useT } from '../lib/i18n.ts';
import { useUi } from '../state/ui.ts';
import { itemWish } from '../state/wanted-item.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorPanel } from '../ui/error-panel.tsx';
import { LinkButton } from '../ui/link-button.tsx';
import { Page } from './frame/page.tsx';

/** Where each kind of thing is shown; a file by way of the folder it is in. */
const targets: Readonly<Record<string, (id: string) => string>> = {
  machine: (id) => `/machines/${id}`,
  activity: () => '/activity',
  task: () => '/activity',
  settings: (id) => `/settings/${id}`,
  identity: () => '/settings/identity',
};

/** `hypha://open/file/…`: named before it is shown, then selected in the folder that holds it. */
function FileLink({ id }: { id: string }) {
  const t = useT();
  const want = useUi((s) => s.want);
  const { data: item, error, refetch } = useAgentQuery('vault.get', { item: id });
  const gone = error?.code === 'NOT_FOUND' || error?.code === 'INVALID_INPUT';
  const folder = item?.kind === 'folder' ? item.id : (item?.parent ?? null);
  const path = item?.binnedAt ? '/vault/bin' : folder === null || folder === 'root' ? '/vault' : `/vault/${folder}`;
  return (
    <Page title={t('frame.link.title')}>
      {gone ? (
        <EmptyState title={t('frame.link.gone')} action={<LinkButton to="/">{t('frame.notFound.home')}</LinkButton>} />
      ) : error && !item ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : (
        item && (
          <EmptyState
            title={t('frame.link.ask', { what: t('frame.link.kinds.file') })}
            action={
              <>
                <LinkButton to="/">{t('frame.link.ignore')}</LinkButton>
                <LinkButton
                  tone="primary"
                  to={path}
                  onFollow={() => item.kind === 'file' && !item.binnedAt && want(itemWish(item.parent, item.id))}
                >
                  {t('frame.link.open')}
                </LinkButton>
              </>
            }
          >
            <bdi className="break-all whitespace-pre-wrap">{shownName(item.name)}</bdi>
          </EmptyState>
        )
      )}
    </Page>
  );
}

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
  if (type === 'file') return <FileLink id={id} />;
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
