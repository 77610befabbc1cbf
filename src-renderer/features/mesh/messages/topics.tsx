import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { Switch } from '../../../ui/choice.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { TopicDialog } from './topic-dialog.tsx';

/** Whom messages are taken from: people who are known, and what single topics say. */
export function TopicsSection({ strangers }: { strangers: boolean }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('mesh.topics', {});
  const [adding, setAdding] = useState(false);
  const change = useAgentMutation('mesh.configure', { quiet: true });
  const forget = useAgentMutation('mesh.setTopic', { done: () => t('mesh.topics.forgotten') });
  useWanted('mesh.topics', () => {});
  const asked = change.isPending ? change.variables.strangers : undefined;
  const who = (allow: readonly string[]) =>
    allow.length === 0
      ? t('mesh.topics.nobody')
      : allow.length === 1 && allow[0] === 'everybody'
        ? t('mesh.topics.everybody')
        : allow.join(', ');
  return (
    <Section
      className="border-t-0 pt-0"
      title={t('mesh.topics.title')}
      note={t('mesh.topics.note')}
      actions={
        <Button icon={Plus} disabled={!ready} onClick={() => setAdding(true)}>
          {t('mesh.topics.add')}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <Switch
          checked={asked ?? strangers}
          onChange={(on) => change.mutate({ strangers: on })}
          label={t('mesh.topics.strangers')}
          hint={t('mesh.topics.strangersHint')}
          disabled={!ready || change.isPending}
        />
        {change.error && <ErrorPanel error={change.error} />}
        {!data ? (
          error && error.code !== 'DISCONNECTED' ? (
            <ErrorPanel error={error} onRetry={() => void refetch()} />
          ) : (
            <Skeleton className="h-16" />
          )
        ) : data.topics.length === 0 ? (
          <p className="text-sm text-ink-soft">{t('mesh.topics.none')}</p>
        ) : (
          <ul aria-label={t('mesh.topics.rules')} className="border-t border-line text-sm">
            {data.topics.map(({ topic, allow }) => {
              const name = topic || t('mesh.topics.withoutTopic');
              return (
                <li key={topic} className="flex items-center gap-4 border-b border-line py-1.5">
                  <bdi className="min-w-0 basis-48 font-medium wrap-anywhere">{name}</bdi>
                  <span className="min-w-0 grow wrap-anywhere text-ink-soft">{who(allow)}</span>
                  <IconButton
                    icon={Trash2}
                    size="small"
                    label={t('mesh.topics.forget', { topic: name })}
                    disabled={!ready || forget.isPending}
                    onClick={() => forget.mutate({ topic, allow: ['default'] })}
                  />
                </li>
              );
            })}
          </ul>
        )}
      </div>
      {adding && <TopicDialog onClose={() => setAdding(false)} />}
    </Section>
  );
}
