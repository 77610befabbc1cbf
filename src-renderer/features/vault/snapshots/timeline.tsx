import { Camera, Trash2 } from 'lucide-react';
import { useState } from 'react';
import type { VaultSnapshot } from '#shared/contract/vault.ts';
import { type Out, useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { ConfirmDialog } from '../../../ui/dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { type Column, Table } from '../../../ui/table.tsx';
import { TakeDialog } from './take-dialog.tsx';

/** When snapshots were taken, newest first; Enter or a double click looks inside. */
export function Timeline({
  snapshots,
  policy,
  onOpen,
}: {
  snapshots: readonly VaultSnapshot[];
  policy: Out<'vault.snapshots'>['policy'];
  onOpen: (number: number) => void;
}) {
  const t = useT();
  const format = useFormat();
  const ready = useLink().phase === 'ready';
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [taking, setTaking] = useState(false);
  const [asking, setAsking] = useState(false);
  useWanted('vault.takeSnapshot', () => setTaking(true));
  const remove = useAgentMutation('vault.removeSnapshots', { onDone: () => setSelected(new Set()) });
  const chosen = snapshots.filter(({ number }) => selected.has(String(number)));
  const columns: readonly Column<VaultSnapshot>[] = [
    {
      key: 'at',
      header: t('vault.snapshots.when'),
      width: '14rem',
      phone: '11rem',
      cell: ({ at }) => (
        <time dateTime={new Date(at).toISOString()} title={format.exact(at)} className="tabular-nums">
          {format.date(at)}, {format.time(at)}
        </time>
      ),
    },
    {
      key: 'name',
      header: t('common.name'),
      cell: ({ name, automatic, number }) =>
        name ? (
          <bdi className="font-medium">{name}</bdi>
        ) : (
          <span className="text-ink-soft">
            {automatic ? t('vault.snapshots.automatic') : t('vault.snapshots.number', { number })}
          </span>
        ),
    },
    {
      key: 'files',
      header: t('vault.snapshots.files'),
      width: '7rem',
      phone: false,
      align: 'end',
      cell: ({ files }) => <span className="tabular-nums">{format.number(files)}</span>,
    },
    {
      key: 'size',
      header: t('vault.snapshots.size'),
      width: '7rem',
      align: 'end',
      cell: ({ size }) => <span className="tabular-nums">{format.bytes(size)}</span>,
    },
  ];
  const dialogs = (
    <>
      {taking && <TakeDialog onClose={() => setTaking(false)} />}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('vault.snapshots.askForget', { count: chosen.length })}
        description={t('vault.snapshots.askForgetText')}
        action={t('vault.snapshots.forget')}
        onConfirm={() => remove.mutateAsync({ snapshots: chosen.map(({ number }) => number) })}
      />
    </>
  );
  const take = (
    <Button size="small" icon={Camera} disabled={!ready} onClick={() => setTaking(true)}>
      {t('vault.snapshots.take')}
    </Button>
  );
  if (snapshots.length === 0) {
    return (
      <>
        <EmptyState title={t('vault.snapshots.empty')} action={take}>
          {t('vault.snapshots.emptyText')}
        </EmptyState>
        {dialogs}
      </>
    );
  }
  return (
    <>
      <div className="flex min-h-9 shrink-0 flex-wrap items-center gap-1 text-sm">
        <span className="grow text-ink-soft">
          {chosen.length > 0
            ? t('common.selected', { count: chosen.length })
            : policy.every === null
              ? t('vault.snapshots.noneByItself')
              : t('vault.snapshots.note', { ...policy, every: policy.every })}
        </span>
        <Button
          size="small"
          tone="quiet"
          disabled={chosen.length !== 1}
          onClick={() => chosen[0] && onOpen(chosen[0].number)}
        >
          {t('vault.snapshots.open')}
        </Button>
        <Button
          size="small"
          tone="quiet"
          icon={Trash2}
          disabled={!ready || chosen.length === 0}
          onClick={() => setAsking(true)}
        >
          {t('vault.snapshots.forget')}
        </Button>
        {take}
      </div>
      <div className="min-h-0 grow">
        <Table
          virtual
          label={t('vault.nav.snapshots')}
          columns={columns}
          rows={snapshots}
          rowKey={({ number }) => String(number)}
          selected={selected}
          onSelect={setSelected}
          onOpen={({ number }) => onOpen(number)}
        />
      </div>
      {dialogs}
    </>
  );
}
