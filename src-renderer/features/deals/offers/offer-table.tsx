import type { OfferView } from '#shared/contract/deals.ts';
import { shortId } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { Amount } from '../../../ui/amount.tsx';
import { State } from '../../../ui/state.tsx';
import { Table } from '../../../ui/table.tsx';
import { Time } from '../../../ui/time.tsx';
import { moneyOf, offerTone, titleOf } from '../deal-words.ts';

export function OfferTable({
  label,
  offers,
  onOpen,
}: {
  label: string;
  offers: readonly OfferView[];
  onOpen: (offer: OfferView) => void;
}) {
  const t = useT();
  const whom = ({ role, provider, tenant }: OfferView): string => {
    const party = role === 'received' ? provider : tenant;
    return party === null ? t('deals.anybody') : (party.name ?? shortId(party.address, 8, 6));
  };
  return (
    <Table
      label={label}
      rows={offers}
      rowKey={({ id }) => id}
      onOpen={onOpen}
      columns={[
        {
          key: 'what',
          header: t('deals.column.what'),
          cell: (offer) => (
            <button
              type="button"
              className="max-w-full truncate rounded-sm font-medium hover:underline"
              onClick={(event) => {
                event.stopPropagation();
                onOpen(offer);
              }}
            >
              <bdi>{titleOf(offer.terms.what) ?? t('deals.unnamed', { id: shortId(offer.id, 6, 4) })}</bdi>
            </button>
          ),
        },
        {
          key: 'with',
          header: t(offers[0]?.role === 'made' ? 'deals.column.to' : 'deals.column.from'),
          width: '10rem',
          phone: false,
          cell: (offer) => <bdi className="text-ink-soft">{whom(offer)}</bdi>,
        },
        {
          key: 'price',
          header: t('deals.column.aDay'),
          width: '9rem',
          align: 'end',
          phone: '7rem',
          cell: ({ terms }) => <Amount money={moneyOf(terms.token, terms.price.day)} />,
        },
        {
          key: 'state',
          header: t('deals.column.state'),
          width: '9rem',
          phone: '2.5rem',
          cell: ({ state, problems }) =>
            state === 'open' && problems.length > 0 ? (
              <State small tone="attention">
                {t('deals.offerState.problems')}
              </State>
            ) : (
              <State small tone={offerTone[state]}>
                {t(`deals.offerState.${state}`)}
              </State>
            ),
        },
        {
          key: 'until',
          header: t('deals.column.goodUntil'),
          width: '8rem',
          wideOnly: true,
          cell: ({ expiresAt }) => <Time at={expiresAt} className="text-ink-soft" />,
        },
      ]}
    />
  );
}
