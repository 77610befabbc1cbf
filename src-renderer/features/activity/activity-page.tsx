import { Download, ShieldCheck } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import type { ActivityEntry } from '#shared/contract/activity.ts';
import { Page } from '../../app/frame/page.tsx';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { type MessageKey, useT } from '../../lib/i18n.ts';
import { useMethodWords } from '../../lib/method-words.ts';
import { saveText } from '../../lib/save-text.ts';
import { useWanted } from '../../state/use-wanted.ts';
import { Button } from '../../ui/button.tsx';
import { Select } from '../../ui/choice.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Input } from '../../ui/field.tsx';
import { Notice } from '../../ui/panel.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { toast } from '../../ui/toast.tsx';
import { ActivityList } from './activity-list.tsx';
import { EntrySheet } from './entry-sheet.tsx';
import { Mandates } from './mandates.tsx';
import { type ActivityFilter, useActivity } from './use-activity.ts';

const effects = ['all', 'write', 'share', 'spend', 'deploy', 'delete', 'admin', 'read'] as const;

/** Everything that had an effect, and what may happen without being asked. */
export function ActivityPage() {
  const t = useT();
  const [tab, setTab] = useState('log');
  const [making, setMaking] = useState(false);
  const verify = useAgentMutation('activity.verify');
  const save = useAgentMutation('activity.export', {
    onDone: ({ text }) => {
      saveText('hypha-activity.jsonl', text, 'application/x-ndjson');
      toast.done(t('activity.saved'));
    },
  });
  useWanted('activity.verify', () => verify.mutate({}));
  useWanted('activity.export', () => save.mutate({}));
  useWanted('mandates.create', () => {
    setTab('mandates');
    setMaking(true);
  });
  return (
    <Page
      title={t('activity.title')}
      fixed
      action={
        <>
          <Button icon={ShieldCheck} busy={verify.isPending} onClick={() => verify.mutate({})}>
            {t('activity.verify')}
          </Button>
          <Button icon={Download} busy={save.isPending} onClick={() => save.mutate({})} className="max-[899px]:hidden">
            {t('activity.save')}
          </Button>
        </>
      }
    >
      {verify.data && (
        <div className="pb-3" role="status">
          <Notice tone={verify.data.intact ? 'plain' : 'danger'}>
            {verify.data.intact
              ? t('activity.intact', { count: verify.data.entries })
              : t('activity.broken', { seq: verify.data.brokenAt ?? 0 })}
          </Notice>
        </div>
      )}
      <Tabs
        label={t('activity.title')}
        value={tab}
        onChange={setTab}
        tabs={[
          { key: 'log', label: t('activity.log'), content: <Log /> },
          {
            key: 'mandates',
            label: t('activity.mandates.title'),
            content: <Mandates making={making} setMaking={setMaking} />,
          },
        ]}
      />
    </Page>
  );
}

const includes = (text: string, wanted: string) => text.toLocaleLowerCase().includes(wanted.toLocaleLowerCase());

function Log() {
  const t = useT();
  const [effect, setEffect] = useState<ActivityFilter['effect']>('all');
  const [query, setQuery] = useState('');
  const [open, setOpen] = useState<ActivityEntry | null>(null);
  const words = useMethodWords();
  const wanted = useDeferredValue(query.trim());
  const shown = (entry: ActivityEntry) =>
    `${words.line(entry.method, entry.summary)} ${entry.caller.face === 'ui' ? t('activity.you') : entry.caller.name} ${entry.summary} ${entry.method}`;
  const log = useActivity({
    effect,
    query: wanted,
    fits: words.spokenByCore ? null : (entry) => includes(shown(entry), wanted),
  });
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex shrink-0 flex-wrap gap-2 pb-3">
        <Input
          type="search"
          value={query}
          maxLength={256}
          onChange={(event) => setQuery(event.target.value)}
          aria-label={t('activity.search')}
          placeholder={t('activity.search')}
          className="max-w-72"
        />
        <Select
          label={t('activity.effect')}
          value={effect}
          onChange={setEffect}
          options={effects.map((value) => ({ value, label: t(`activity.effects.${value}` as MessageKey) }))}
        />
      </div>
      {log.error && !log.data ? (
        <ErrorPanel error={log.error} onRetry={() => void log.refetch()} />
      ) : (
        <div className="min-h-0 grow">
          <ActivityList
            virtual
            filtered={wanted !== '' || effect !== 'all'}
            entries={log.data}
            label={t('activity.log')}
            onOpen={setOpen}
            onEnd={() => {
              if (log.hasNextPage && !log.isFetchingNextPage) void log.fetchNextPage();
            }}
          />
        </div>
      )}
      {open && <EntrySheet entry={open} onClose={() => setOpen(null)} />}
    </div>
  );
}
