import { Page } from '../../app/frame/page.tsx';
import { useT } from '../../lib/i18n.ts';

export function SettingsPage() {
  const t = useT();
  return <Page title={t('settings.title')}>{null}</Page>;
}
