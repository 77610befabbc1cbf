import { useT } from '../../lib/i18n.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { LinkButton } from '../../ui/link-button.tsx';
import { Page } from './page.tsx';

export function NotFound() {
  const t = useT();
  return (
    <Page title={t('frame.notFound.title')}>
      <EmptyState
        title={t('frame.notFound.text')}
        action={<LinkButton to="/">{t('frame.notFound.home')}</LinkButton>}
      />
    </Page>
  );
}
