import { useState } from 'react';
import type { NameEntry, Registration } from '#shared/contract/names.ts';
import { Page } from '../../app/frame/page.tsx';
import { useAgentMutation, useAgentQuery } from '../../lib/agent/hooks.ts';
import { useLink } from '../../lib/agent/provider.tsx';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Notice, Section } from '../../ui/panel.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { State } from '../../ui/state.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { FindName } from './find-name.tsx';
import { NameSheet } from './name-sheet.tsx';
import { stateOfMine, stateOfTaking } from './name-state.ts';

const keyOf = ({ ledger, label }: NameEntry): string => `${ledger.chain} ${label}`;

/** The person's names on all ledgers, those being taken, and a place to look others up. */
export function NamesPage() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data, error, refetch } = useAgentQuery('names.list', {});
  const [shown, setShown] = useState<string | null>(null);
  const withdraw = useAgentMutation('names.withdraw', { done: () => t('names.withdrawn') });
  const open = data?.names.find((entry) => keyOf(entry) === shown);
  const taking = data?.registrations.filter(({ state }) => state !== 'done') ?? [];
  return (
    <Page title={t('names.title')}>
      <div className="flex flex-col gap-8">
        {data?.owed.map(({ ledger, amountText }) => (
          <Notice
            key={ledger.chain}
            action={
              <Button
                disabled={!ready}
                busy={withdraw.isPending}
                onClick={() => withdraw.mutate({ ledger: ledger.chain })}
              >
                {t('names.withdraw')}
              </Button>
            }
          >
            {t('names.owed', { amount: amountText ?? '', ledger: ledger.name })}
          </Notice>
        ))}
        {error && !data ? (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        ) : !data ? (
          <Skeleton className="h-48" />
        ) : data.names.length === 0 ? (
          <EmptyState title={t('names.empty')}>{t('names.emptyText')}</EmptyState>
        ) : (
          <NameTable names={data.names} onOpen={setShown} />
        )}
        {taking.length > 0 && (
          <Section title={t('names.takingTitle')}>
            <ul className="flex flex-col gap-2">
              {taking.map((one) => (
                <li key={one.id}>
                  <Taking one={one} />
                </li>
              ))}
            </ul>
          </Section>
        )}
        <Section title={t('names.findTitle')}>
          <FindName />
        </Section>
      </div>
      {open && <NameSheet entry={open} onClose={() => setShown(null)} />}
    </Page>
  );
}

function NameTable({ names, onOpen }: { names: readonly NameEntry[]; onOpen: (key: string) => void }) {
  const t = useT();
  return (
    <Table
      label={t('names.list')}
      rows={names}
      rowKey={keyOf}
      onOpen={(entry) => onOpen(keyOf(entry))}
      columns={[
        {
          key: 'name',
          header: t('names.column.name'),
          cell: (entry) => (
            <button
              type="button"
              className="min-w-0 truncate rounded-sm font-medium hover:underline"
              onClick={(event) => {
                event.stopPropagation();
                onOpen(keyOf(entry));
              }}
            >
              <bdi>{entry.full}</bdi>
            </button>
          ),
        },
        {
          key: 'state',
          header: t('names.column.state'),
          width: '14rem',
          phone: '2.5rem',
          cell: (entry) => {
            const { tone, word } = stateOfMine(entry);
            return (
              <State small tone={tone}>
                {t(word)}
              </State>
            );
          },
        },
        {
          key: 'until',
          header: t('names.column.until'),
          width: '9rem',
          wideOnly: true,
          cell: ({ expiresAt }) => (expiresAt === null ? null : <Time at={expiresAt} className="text-ink-soft" />),
        },
      ]}
    />
  );
}

function Taking({ one }: { one: Registration }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const forgo = useAgentMutation('names.forgo', {});
  const { tone, word } = stateOfTaking(one);
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
      <div className="min-w-0">
        <div className="flex flex-wrap items-baseline gap-x-3">
          <bdi className="font-medium break-all">{one.full}</bdi>
          <State tone={tone}>{t(word)}</State>
        </div>
        {one.trouble !== null && <p className="text-sm text-ink-soft">{one.trouble}</p>}
      </div>
      {(one.state === 'committing' || one.state === 'waiting') && (
        <Button disabled={!ready} busy={forgo.isPending} onClick={() => forgo.mutate({ registration: one.id })}>
          {t('names.forgo')}
        </Button>
      )}
    </div>
  );
}
