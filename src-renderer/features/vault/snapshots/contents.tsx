import { ArrowLeft, ChevronRight, RotateCcw, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { VaultSnapshot } from '#shared/contract/vault.ts';
import { type Out, useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { cx } from '../../../ui/cx.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { type Column, Table } from '../../../ui/table.tsx';
import { FileIcon } from '../browse/file-icon.tsx';
import { shownName } from '../browse/shown-name.ts';
import { BringBackDialog } from './bring-back-dialog.tsx';

type Row = Out<'vault.listSnapshot'>['items'][number];

const tones: Record<Row['now'], Tone> = { same: 'idle', changed: 'attention', binned: 'paused', gone: 'attention' };
const pageRows = 5_000;

/** A folder as it was when the snapshot was taken, what has become of each thing since, and the way back. */
export function Contents({ snapshot, onBack }: { snapshot: VaultSnapshot; onBack: () => void }) {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const [folder, setFolder] = useState('root');
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [bringing, setBringing] = useState(false);
  const check = useAgentMutation('vault.checkSnapshot');
  const { data, error, refetch } = useAgentQuery(
    'vault.listSnapshot',
    { snapshot: snapshot.number, folder, limit: pageRows },
    { keepPrevious: true },
  );
  const go = (to: string) => {
    setFolder(to);
    setSelected(new Set());
  };
  const rows = data?.items ?? [];
  const chosen = rows.filter(({ id }) => selected.has(id));
  const steps = [{ id: 'root', name: t('vault.nav.files') }, ...(data?.path ?? [])];
  const columns: readonly Column<Row>[] = [
    {
      key: 'name',
      header: t('common.name'),
      cell: (row) => (
        <span className="flex min-w-0 items-center gap-2">
          <FileIcon item={row} />
          <bdi className="truncate">{shownName(row.name)}</bdi>
        </span>
      ),
    },
    {
      key: 'now',
      header: t('vault.snapshots.now'),
      width: '11rem',
      phone: '3rem',
      cell: ({ now }) => (
        <State small tone={tones[now]}>
          {t(`vault.snapshots.nowIs.${now}`)}
        </State>
      ),
    },
    {
      key: 'size',
      header: t('vault.snapshots.size'),
      width: '7rem',
      align: 'end',
      phone: false,
      cell: ({ size }) => <span className="tabular-nums">{format.bytes(size)}</span>,
    },
    {
      key: 'modified',
      header: t('vault.snapshots.modified'),
      width: '9rem',
      phone: false,
      cell: ({ modified }) => (
        <time dateTime={new Date(modified).toISOString()} title={format.exact(modified)} className="text-ink-soft">
          {format.date(modified)}
        </time>
      ),
    },
  ];
  return (
    <>
      <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-1 text-sm">
        <IconButton icon={ArrowLeft} label={t('vault.snapshots.back')} onClick={onBack} />
        <h2 className="me-2 font-medium">
          {snapshot.name ? <bdi>{snapshot.name}</bdi> : t('vault.snapshots.number', { number: snapshot.number })}
          <span className="ms-2 font-normal text-ink-soft">
            {format.date(snapshot.at)}, {format.time(snapshot.at)}
          </span>
        </h2>
        <nav aria-label={t('vault.breadcrumb')} className="min-w-0 grow">
          <ol className="flex min-w-0 items-center gap-0.5">
            {steps.map((step, i) => (
              <li key={step.id} className="flex min-w-0 items-center gap-0.5">
                {i > 0 && <ChevronRight aria-hidden className="size-3.5 shrink-0 text-ink-soft rtl:rotate-180" />}
                <button
                  type="button"
                  aria-current={i === steps.length - 1 ? 'page' : undefined}
                  onClick={() => go(step.id)}
                  className={cx(
                    'block h-7 truncate rounded-md px-1.5 leading-7 hover:bg-hover',
                    i < steps.length - 1 && 'text-ink-soft',
                  )}
                >
                  <bdi>{shownName(step.name)}</bdi>
                </button>
              </li>
            ))}
          </ol>
        </nav>
        <Button
          size="small"
          tone="quiet"
          icon={ShieldCheck}
          disabled={!ready}
          busy={check.isPending}
          onClick={() => check.mutate({ snapshot: snapshot.number })}
        >
          {t('vault.snapshots.check')}
        </Button>
        <Button size="small" icon={RotateCcw} disabled={!ready || rows.length === 0} onClick={() => setBringing(true)}>
          {chosen.length > 0 ? t('vault.snapshots.bringSome', { count: chosen.length }) : t('vault.snapshots.bringAll')}
        </Button>
      </div>
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : data && rows.length === 0 ? (
        <EmptyState title={t('vault.snapshots.nothing')} />
      ) : (
        <div className="min-h-0 grow">
          <Table
            virtual
            label={t('vault.snapshots.contents')}
            columns={columns}
            rows={rows}
            total={data?.total ?? rows.length}
            rowKey={({ id }) => id}
            selected={selected}
            onSelect={setSelected}
            onOpen={(row) => row.kind === 'folder' && go(row.id)}
          />
        </div>
      )}
      {data && data.total > rows.length && (
        <p className="shrink-0 py-1 text-sm text-ink-soft">
          {t('vault.snapshots.more', { count: data.total - rows.length })}
        </p>
      )}
      {bringing && (
        <BringBackDialog
          snapshot={snapshot.number}
          items={(chosen.length > 0 ? chosen : rows).map(({ id, name }) => ({ id, name }))}
          onClose={(done) => {
            setBringing(false);
            if (done) setSelected(new Set());
          }}
        />
      )}
    </>
  );
}
