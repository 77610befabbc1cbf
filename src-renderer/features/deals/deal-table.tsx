import type { DealView } from '#shared/contract/deals.ts';
import { shortId } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Amount } from '../../ui/amount.tsx';
import { State } from '../../ui/state.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { dealTone, moneyOf, titleOf } from './deal-words.ts';

/** Deals of one role: what, with whom, how it stands, what it cost or brought, until when it is paid. */
export function DealTable({
  label,
  deals,
  onOpen,
}: {
  label: string;
  deals: readonly DealView[];
  onOpen: (deal: DealView) => void;
}) {
  const t = useT();
  const brings = deals[0]?.role === 'provider';
  return (
    <Table
      label={label}
      rows={deals}
      rowKey={({ id }) => id}
      onOpen={onOpen}
      columns={[
        {
          key: 'what',
          header: t('deals.column.what'),
          cell: (deal) => (
            <button
              type="button"
              className="max-w-full truncate rounded-sm font-medium hover:underline"
              onClick={(event) => {
                event.stopPropagation();
                onOpen(deal);
              }}
            >
              <bdi>{titleOf(deal.terms.what) ?? t('deals.unnamed', { id: shortId(deal.id, 6, 4) })}</bdi>
            </button>
          ),
        },
        {
          key: 'other',
          header: t('deals.column.with'),
          width: '9rem',
          phone: false,
          cell: ({ other }) => <bdi className="text-ink-soft">{other.name ?? shortId(other.address, 8, 6)}</bdi>,
        },
        {
          key: 'state',
          header: t('deals.column.state'),
          width: '9rem',
          phone: '2.5rem',
          cell: ({ state }) => (
            <State small tone={dealTone[state]}>
              {t(`deals.state.${state}`)}
            </State>
          ),
        },
        {
          key: 'cost',
          header: t(brings ? 'deals.column.brought' : 'deals.column.cost'),
          width: '9rem',
          align: 'end',
          phone: '7rem',
          cell: ({ cost, terms }) => <Amount money={moneyOf(terms.token, cost)} />,
        },
        {
          key: 'until',
          header: t('deals.column.until'),
          width: '9rem',
          phone: false,
          cell: ({ runsOutAt }) => (runsOutAt === null ? null : <Time at={runsOutAt} className="text-ink-soft" />),
        },
      ]}
    />
  );
}
