import { ArrowLeft, ChevronRight, Save } from 'lucide-react';
import { useState } from 'react';
import type { SharedItem, TakenShare } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { cx } from '../../../ui/cx.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { type Column, Table } from '../../../ui/table.tsx';
import { FileIcon } from '../browse/file-icon.tsx';
import { shownName } from '../browse/shown-name.ts';
import { SaveSharedDialog } from './save-shared.tsx';
import { SharedPreview } from './shared-preview.tsx';

/** A folder (or the one file) of a share, as it is on its owner's device now. */
export function LookInto({ share, onBack }: { share: TakenShare; onBack: () => void }) {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const [item, setItem] = useState<ItemId | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [saving, setSaving] = useState(false);
  const [peek, setPeek] = useState<SharedItem | null>(null);
  const { data, error, refetch } = useAgentQuery(
    'vault.lookShared',
    { share: share.id, ...(item === null ? {} : { item }) },
    { keepPrevious: true },
  );
  const go = (to: ItemId) => {
    setItem(to);
    setSelected(new Set());
  };
  const rows = data ? (data.item.kind === 'file' ? [data.item] : data.items) : [];
  const chosen = rows.filter(({ id }) => selected.has(id));
  const columns: readonly Column<SharedItem>[] = [
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
      key: 'size',
      header: t('vault.snapshots.size'),
      width: '7rem',
      align: 'end',
      cell: ({ size }) => <span className="tabular-nums">{format.bytes(size)}</span>,
    },
    {
      key: 'modified',
      header: t('vault.snapshots.modified'),
      width: '9rem',
      phone: false,
      cell: ({ modified }) => <span className="text-ink-soft">{format.date(modified)}</span>,
    },
  ];
  return (
    <>
      <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-1 pb-2 text-sm">
        <IconButton icon={ArrowLeft} label={t('vault.shares.back')} onClick={onBack} />
        <h2 className="me-2 font-medium">
          <bdi>{shownName(share.name)}</bdi>
          <span className="ms-2 font-normal text-ink-soft">
            {t('vault.shares.ofWho', { who: share.who ?? '–' })} · {t(`vault.shares.accessIs.${share.access}`)}
          </span>
        </h2>
        <nav aria-label={t('vault.breadcrumb')} className="min-w-0 grow">
          <ol className="flex min-w-0 items-center gap-0.5">
            {(data?.path ?? []).map((step, i, all) => (
              <li key={step.id} className="flex min-w-0 items-center gap-0.5">
                {i > 0 && <ChevronRight aria-hidden className="size-3.5 shrink-0 text-ink-soft rtl:rotate-180" />}
                <button
                  type="button"
                  aria-current={i === all.length - 1 ? 'page' : undefined}
                  onClick={() => go(step.id)}
                  className={cx(
                    'block h-7 truncate rounded-md px-1.5 leading-7 hover:bg-hover',
                    i < all.length - 1 && 'text-ink-soft',
                  )}
                >
                  <bdi>{shownName(step.name)}</bdi>
                </button>
              </li>
            ))}
          </ol>
        </nav>
        <Button size="small" icon={Save} disabled={!ready || rows.length === 0} onClick={() => setSaving(true)}>
          {chosen.length > 0 ? t('vault.shares.saveSome', { count: chosen.length }) : t('vault.shares.saveAll')}
        </Button>
      </div>
      {error && !data ? (
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton className="h-40" />
      ) : rows.length === 0 ? (
        <EmptyState title={t('vault.shares.nothing')} />
      ) : (
        <Table
          label={t('vault.shares.contents', { name: shownName(data.item.name) })}
          columns={columns}
          rows={rows}
          rowKey={({ id }) => id}
          selected={selected}
          onSelect={setSelected}
          onOpen={(row) => (row.kind === 'folder' ? go(row.id) : setPeek(row))}
        />
      )}
      {data?.more && (
        <p className="py-1 text-sm text-ink-soft">{t('vault.shares.more', { count: data.total - rows.length })}</p>
      )}
      {saving && (
        <SaveSharedDialog
          share={share}
          items={(chosen.length > 0 ? chosen : data ? [data.item] : []).map(({ id }) => id)}
          onClose={() => setSaving(false)}
        />
      )}
      {peek && <SharedPreview share={share.id} item={peek} onClose={() => setPeek(null)} />}
    </>
  );
}
