import { Page } from '../../app/frame/page.tsx';
import { useT } from '../../lib/i18n.ts';

export function HomePage() {
  const t = useT();
  return <Page title={t('home.title')}>{null}</Page>;
}
