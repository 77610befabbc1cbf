import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Row } from './row.tsx';

/** The browsers that may be the person here; each can be logged out, this one too. */
export function Browsers() {
  const t = useT();
  const format = useFormat();
  const { data } = useAgentQuery('system.sessions', {});
  const end = useAgentMutation('system.endSessions', { done: () => t('settings.browsers.ended') });
  if (!data) return null;
  const { sessions } = data;
  return (
    <>
      <Row
        label={t('settings.browsers.title')}
        hint={t(`settings.browsers.${sessions.length === 0 ? 'none' : 'hint'}`)}
      >
        {sessions.length > 1 && (
          <Button tone="danger" busy={end.isPending} onClick={() => end.mutate({})}>
            {t('settings.browsers.endAll')}
          </Button>
        )}
      </Row>
      {sessions.map(({ id, openedAt, usedAt }) => (
        <Row
          key={id}
          label={t('settings.browsers.entry', { opened: format.exact(openedAt) })}
          hint={t('settings.browsers.used', { used: format.exact(usedAt) })}
        >
          <Button busy={end.isPending} onClick={() => end.mutate({ sessions: [id] })}>
            {t('settings.browsers.end')}
          </Button>
        </Row>
      ))}
    </>
  );
}
