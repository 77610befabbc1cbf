import { RotateCcw, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { ItemId } from '#shared/model/ids.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { FileList } from '../browse/file-list.tsx';
import { noSelection, type Selection } from '../browse/selection.ts';
import { shownName } from '../browse/shown-name.ts';
import { type ListSort, useListing } from '../browse/use-listing.ts';
import { useSelectedRows } from '../browse/use-selected-rows.ts';
import { VaultGate } from '../vault-gate.tsx';
import { VaultNav } from '../vault-nav.tsx';

export function BinPage() {
  return (
    <VaultGate fixed width="full">
      {(status) => (
        <>
          <VaultNav here="bin" />
          <Bin binned={status.binned} />
        </>
      )}
    </VaultGate>
  );
}

/** What was thrown away: restore it, or delete it for good, which is asked first. */
function Bin({ binned }: { binned: number }) {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const [sort, setSort] = useState<ListSort>({ key: 'modified', descending: true });
  const [selection, setSelection] = useState<Selection>(noSelection);
  const [asking, setAsking] = useState<'some' | 'all' | null>(null);
  const { rows, failure, pending, retry } = useListing('bin', sort);
  const selected = useSelectedRows(rows, selection);
  const ids: ItemId[] = selected.map((row) => row.id);
  const restore = useAgentMutation('vault.restore', {
    done: (input) => t('vault.restored', { count: input.items.length }),
  });
  const purge = useAgentMutation('vault.purge', { onDone: () => setSelection(noSelection) });
  if (failure && rows.count === 0) return <ErrorPanel error={failure} onRetry={retry} />;
  if (!pending && rows.count === 0) {
    return <EmptyState title={t('vault.bin.empty')}>{t('vault.bin.emptyText')}</EmptyState>;
  }
  const size = selected.reduce((sum, row) => sum + row.size, 0);
  return (
    <>
      <div className="flex h-9 shrink-0 items-center gap-1 text-sm">
        <span className="grow text-ink-soft">
          {ids.length > 0
            ? `${t('common.selected', { count: ids.length })} · ${format.bytes(size)}`
            : t('vault.bin.note', { count: Math.max(binned, rows.count) })}
        </span>
        <Button
          size="small"
          tone="quiet"
          icon={RotateCcw}
          disabled={!ready || ids.length === 0}
          onClick={() => restore.mutate({ items: ids })}
        >
          {t('vault.bin.restore')}
        </Button>
        <Button
          size="small"
          tone="quiet"
          icon={Trash2}
          disabled={!ready || ids.length === 0}
          onClick={() => setAsking('some')}
        >
          {t('vault.bin.purge')}
        </Button>
        <Button size="small" disabled={!ready} onClick={() => setAsking('all')}>
          {t('vault.bin.purgeAll')}
        </Button>
      </div>
      <FileList
        label={t('vault.nav.bin')}
        rows={rows}
        selection={selection}
        onSelection={setSelection}
        onOpen={() => {}}
        sort={sort}
        onSort={setSort}
        inBin
        onDelete={() => setAsking('some')}
      />
      <ConfirmDialog
        open={asking !== null}
        onOpenChange={(open) => !open && setAsking(null)}
        title={
          asking === 'all'
            ? t('vault.bin.askAll', { count: rows.count })
            : t('vault.bin.askSome', { count: ids.length, name: shownName(selected[0]?.name ?? '') })
        }
        description={t('vault.bin.askText')}
        action={asking === 'all' ? t('vault.bin.purgeAll') : t('vault.bin.purge')}
        onConfirm={() => purge.mutateAsync(asking === 'all' ? {} : { items: ids })}
      />
    </>
  );
}
