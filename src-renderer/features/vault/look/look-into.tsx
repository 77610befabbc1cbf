import { ArrowLeft, ChevronRight } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { VaultItem } from '#shared/contract/vault.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { IconButton } from '../../../ui/button.tsx';
import { cx } from '../../../ui/cx.ts';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { type Column, Table } from '../../../ui/table.tsx';
import { FileIcon } from '../browse/file-icon.tsx';
import { shownName } from '../browse/shown-name.ts';

type Row = Pick<VaultItem, 'id' | 'kind' | 'name' | 'size' | 'modified' | 'mime'>;

export interface LookIntoProps<R extends Row> {
  /** Where the way back leads, in words. */
  back: string;
  onBack: () => void;
  title: ReactNode;
  /** From the top down to the folder that is shown. */
  path: readonly { readonly id: string; readonly name: string }[];
  onGo: (folder: string) => void;
  onFile: (file: R) => void;
  /** What can be done with those selected; with none selected, with all. */
  actions: (selected: readonly R[]) => ReactNode;
  /** Columns besides name, size and date, between name and size. */
  columns?: readonly Column<R>[];
  /** Null while it is being asked for. */
  rows: readonly R[] | null;
  total: number;
  error: Failure | null;
  onRetry: () => void;
  label: string;
  empty: string;
}

/** A folder that is not of the vault as it is now (of a snapshot, of a share): a way in and out, a list, and what can be done. */
export function LookInto<R extends Row>(props: LookIntoProps<R>) {
  const t = useT();
  const format = useFormat();
  const { path, rows, total } = props;
  const here = path.at(-1)?.id ?? '';
  const [selection, setSelection] = useState<{ folder: string; ids: ReadonlySet<string> }>({
    folder: here,
    ids: new Set(),
  });
  // What was selected in another folder is not what is meant here.
  const selected = selection.folder === here ? selection.ids : new Set<string>();
  const select = (ids: ReadonlySet<string>) => setSelection({ folder: here, ids });
  const columns: readonly Column<R>[] = [
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
    ...(props.columns ?? []),
    {
      key: 'size',
      header: t('vault.column.size'),
      width: '7rem',
      align: 'end',
      phone: props.columns === undefined ? '6rem' : false,
      cell: ({ size }) => <span className="tabular-nums">{format.bytes(size)}</span>,
    },
    {
      key: 'modified',
      header: t('vault.column.modified'),
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
      <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-1 pb-2 text-sm">
        <IconButton icon={ArrowLeft} label={props.back} onClick={props.onBack} />
        <h2 className="me-2 font-medium">{props.title}</h2>
        <nav aria-label={t('vault.breadcrumb')} className="min-w-0 grow">
          <ol className="flex min-w-0 items-center gap-0.5">
            {/* Where there is one step only, the title says it. */}
            {(path.length > 1 ? path : []).map((step, i) => (
              <li key={step.id} className="flex min-w-0 items-center gap-0.5">
                {i > 0 && <ChevronRight aria-hidden className="size-3.5 shrink-0 text-ink-soft rtl:rotate-180" />}
                <button
                  type="button"
                  aria-current={i === path.length - 1 ? 'page' : undefined}
                  onClick={() => props.onGo(step.id)}
                  className={cx(
                    'block h-7 truncate rounded-md px-1.5 leading-7 hover:bg-hover',
                    i < path.length - 1 && 'text-ink-soft',
                  )}
                >
                  <bdi>{shownName(step.name)}</bdi>
                </button>
              </li>
            ))}
          </ol>
        </nav>
        {props.actions((rows ?? []).filter(({ id }) => selected.has(id)))}
      </div>
      {props.error && rows === null ? (
        <ErrorPanel error={props.error} onRetry={props.onRetry} />
      ) : rows === null ? (
        <Skeleton className="h-40" />
      ) : rows.length === 0 ? (
        <EmptyState title={props.empty} />
      ) : (
        <div className="min-h-0 grow">
          <Table
            virtual
            label={props.label}
            columns={columns}
            rows={rows}
            total={total}
            rowKey={({ id }) => id}
            selected={selected}
            onSelect={select}
            onOpen={(row) => (row.kind === 'folder' ? props.onGo(row.id) : props.onFile(row))}
          />
        </div>
      )}
      {rows !== null && total > rows.length && (
        <p className="shrink-0 py-1 text-sm text-ink-soft">{t('vault.look.more', { count: total - rows.length })}</p>
      )}
    </>
  );
}
