import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Facts } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { State } from '../../ui/state.tsx';
import { Time } from '../../ui/time.tsx';

export function About() {
  const t = useT();
  const format = useFormat();
  const { data: info, error, refetch } = useAgentQuery('system.info', {});
  if (error && !info) return <ErrorPanel error={error} onRetry={() => void refetch()} />;
  if (!info) return <Skeleton className="h-72" />;
  const { passed, failed } = info.selfTest;
  return (
    <Facts
      rows={[
        { label: t('settings.about.version'), value: info.version },
        { label: t('settings.about.shell'), value: t(`settings.about.shells.${info.shell}`) },
        { label: t('settings.about.computer'), value: `${info.hostName} (${info.platform})` },
        {
          label: t('settings.about.home'),
          value: <Copyable value={info.home} what={t('settings.about.home')} whole />,
        },
        { label: t('settings.about.node'), value: info.node },
        { label: t('settings.about.pid'), value: String(info.pid) },
        { label: t('settings.about.started'), value: <Time at={info.startedAt} /> },
        {
          label: t('settings.about.selfTest'),
          value:
            failed.length === 0 ? (
              <State tone="ok">{t('settings.about.passed', { count: passed, shown: format.number(passed) })}</State>
            ) : (
              <State tone="danger">{t('settings.about.failed', { what: failed.join(', ') })}</State>
            ),
        },
        { label: t('settings.about.privacy'), value: t('settings.about.privacyText') },
      ]}
    />
  );
}
