import type { Settings } from '#shared/contract/system.ts';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Segments, Select, Switch } from '../../ui/choice.tsx';
import { Row } from './row.tsx';

const themes = ['system', 'light', 'dark', 'contrast'] as const;
/** Languages call themselves by their own name; only "as the system" and the test language are translated. */
const ownNames: Partial<Record<Settings['language'], string>> = { en: 'English', de: 'Deutsch' };
const languages = ['system', 'en', 'de', 'pseudo'] as const;

export function Appearance() {
  const t = useT();
  const { data } = useAgentQuery('system.settings', {});
  const set = useAgentMutation('system.configure', { done: () => t('settings.changed') });
  if (!data) return null;
  return (
    <>
      <Row label={t('settings.theme')} hint={t('settings.themeHint')}>
        <Segments
          label={t('settings.theme')}
          value={data.theme}
          onChange={(theme) => set.mutate({ theme })}
          options={themes.map((value) => ({ value, label: t(`settings.themes.${value}`) }))}
        />
      </Row>
      <Row label={t('settings.language')}>
        <Select
          label={t('settings.language')}
          value={data.language}
          onChange={(language) => set.mutate({ language })}
          options={languages.map((value) => ({
            value,
            label: ownNames[value] ?? t(value === 'system' ? 'settings.themes.system' : 'settings.pseudo'),
          }))}
        />
      </Row>
      <div className="py-3">
        <Switch
          checked={data.notifications}
          onChange={(notifications) => set.mutate({ notifications })}
          label={t('settings.notifications')}
          hint={t('settings.notificationsHint')}
        />
      </div>
    </>
  );
}
