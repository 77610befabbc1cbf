import { Undo2 } from 'lucide-react';
import type { ActivityEntry } from '#shared/contract/activity.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { type MessageKey, useT } from '../../lib/i18n.ts';
import { useMethodWords } from '../../lib/method-words.ts';
import { IconButton } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { State, type Tone } from '../../ui/state.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { faceWords } from '../consent/consent-dialog.tsx';

const outcomes: Record<ActivityEntry['outcome'], readonly [Tone, MessageKey]> = {
  running: ['active', 'activity.outcome.running'],
  done: ['ok', 'activity.outcome.done'],
  failed: ['failed', 'activity.outcome.failed'],
  cancelled: ['idle', 'activity.outcome.cancelled'],
  refused: ['paused', 'activity.outcome.refused'],
  interrupted: ['attention', 'activity.outcome.interrupted'],
};

export interface ActivityListProps {
  entries: readonly ActivityEntry[] | undefined;
  label: string;
  onOpen?: (entry: ActivityEntry) => void;
  onEnd?: () => void;
  virtual?: boolean;
  /** Only a part of the log is looked at, so nothing here does not mean an empty log. */
  filtered?: boolean;
}

/** Who asked, what, when, how it ended, and the undo where there is one. */
export function ActivityList({ entries, label, onOpen, onEnd, virtual, filtered }: ActivityListProps) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const words = useMethodWords();
  const undo = useAgentMutation('activity.undo', { done: () => t('common.undone') });
  if (!entries) return <Skeleton className="h-36" />;
  if (entries.length === 0) {
    return filtered ? (
      <EmptyState title={t('activity.notFound')}>{t('activity.notFoundText')}</EmptyState>
    ) : (
      <EmptyState title={t('activity.empty')}>{t('activity.emptyText')}</EmptyState>
    );
  }
  const columns: readonly Column<ActivityEntry>[] = [
    {
      key: 'summary',
      header: t('activity.what'),
      cell: (e) => {
        const { text, core } = words.tell(e.method, e.summary);
        return (
          <span title={words.line(e.method, e.summary)}>
            <span dir="auto">{text}</span>
            {core !== null && (
              <>
                {' · '}
                <span dir="auto" lang="en" className="text-ink-soft">
                  {core}
                </span>
              </>
            )}
          </span>
        );
      },
    },
    {
      key: 'caller',
      header: t('activity.who'),
      width: '11rem',
      wideOnly: true,
      cell: (e) => (
        <span title={t(faceWords[e.caller.face])}>{e.caller.face === 'ui' ? t('activity.you') : e.caller.name}</span>
      ),
    },
    {
      key: 'outcome',
      header: t('activity.result'),
      width: '8.5rem',
      phone: '2.5rem',
      cell: (e) => (
        <State tone={outcomes[e.outcome][0]} small>
          {t(outcomes[e.outcome][1])}
        </State>
      ),
    },
    {
      key: 'at',
      header: t('activity.when'),
      width: '8rem',
      phone: false,
      cell: (e) => <Time at={e.at} className="text-ink-soft" />,
    },
    {
      key: 'undo',
      header: t('common.undo'),
      headerHidden: true,
      width: '3.25rem',
      align: 'end',
      cell: (e) =>
        e.undo.possible &&
        ready && (
          <IconButton
            size="small"
            icon={Undo2}
            label={t('activity.undoEntry', { summary: words.line(e.method, e.summary) })}
            onClick={(event) => {
              event.stopPropagation();
              undo.mutate({ seq: e.seq });
            }}
          />
        ),
    },
  ];
  return (
    <Table
      label={label}
      columns={columns}
      rows={entries}
      rowKey={(e) => String(e.seq)}
      {...(onOpen ? { onOpen } : {})}
      {...(onEnd ? { onEnd } : {})}
      {...(virtual ? { virtual } : {})}
    />
  );
}

export function Outcome({ entry }: { entry: ActivityEntry }) {
  const t = useT();
  const [tone, word] = outcomes[entry.outcome];
  return <State tone={tone}>{t(word)}</State>;
}
