import { Page } from '../../app/frame/page.tsx';
import { useT } from '../../lib/i18n.ts';

export function ActivityPage() {
  const t = useT();
  return <Page title={t('activity.title')}>{null}</Page>;
}
