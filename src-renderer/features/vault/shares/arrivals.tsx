import type { ShareArrival } from '#shared/contract/vault.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { type Column, Table } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { shownName } from '../browse/shown-name.ts';

/** Files that contacts sent into what is shared with them. */
export function Arrivals({ arrivals }: { arrivals: readonly ShareArrival[] }) {
  const t = useT();
  const format = useFormat();
  const columns: readonly Column<ShareArrival>[] = [
    {
      key: 'name',
      header: t('common.name'),
      cell: ({ name }) => <bdi className="block truncate">{shownName(name)}</bdi>,
    },
    { key: 'who', header: t('vault.shares.from'), width: '9rem', cell: ({ who }) => <bdi>{who ?? '–'}</bdi> },
    {
      key: 'how',
      header: t('vault.shares.how'),
      width: '12rem',
      phone: false,
      cell: ({ how }) => t(`vault.shares.howIs.${how}`),
    },
    {
      key: 'size',
      header: t('vault.snapshots.size'),
      width: '7rem',
      align: 'end',
      phone: false,
      cell: ({ size }) => <span className="tabular-nums">{format.bytes(size)}</span>,
    },
    { key: 'at', header: t('vault.snapshots.when'), width: '9rem', cell: ({ at }) => <Time at={at} /> },
  ];
  return (
    <Table
      label={t('vault.shares.arrivals')}
      columns={columns}
      rows={arrivals}
      rowKey={({ item, at }) => `${item} ${at}`}
    />
  );
}
