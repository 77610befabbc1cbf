import type { Review } from '#shared/contract/wallet/review.ts';
import { useT } from '../../../lib/i18n.ts';
import { Facts, Notice, Section } from '../../../ui/panel.tsx';
import { State, type Tone } from '../../../ui/state.tsx';
import { WarningList } from './warning-list.tsx';

const tone: Readonly<Record<'works' | 'refused' | 'unknown', Tone>> = {
  works: 'ok',
  refused: 'failed',
  unknown: 'attention',
};

/** What a call or a signature does, as it was read and tried out here: what it says, what warns, what everybody has afterwards. */
export function ReviewCard({ review }: { review: Review }) {
  const t = useT();
  const { outcome } = review;
  return (
    <Section title={t('wallet.review.title')}>
      <div className="flex flex-col gap-3 text-sm">
        <p className="font-medium wrap-anywhere">{review.title}</p>
        {review.readBy === 'nothing' && <Notice tone="danger">{t('wallet.review.blind')}</Notice>}
        <WarningList warnings={review.warnings} />
        {outcome && (
          <>
            <State tone={tone[outcome.state]}>{t(`wallet.review.outcome.${outcome.state}`)}</State>
            {outcome.reason !== null && <p>{outcome.reason}</p>}
            {outcome.changes.length > 0 && (
              <ul aria-label={t('wallet.review.changes')} className="flex flex-col gap-1">
                {outcome.changes.map((change) => (
                  <li
                    key={`${change.who.address} ${change.asset.address} ${change.asset.id} ${change.amount}`}
                    className="flex flex-wrap justify-between gap-x-4"
                  >
                    <bdi className="text-ink-soft">{change.who.name ?? change.who.address}</bdi>
                    <span className="tabular-nums">{change.text}</span>
                  </li>
                ))}
              </ul>
            )}
            {outcome.permissions.map((permission) => (
              <Notice key={permission.text} tone={permission.unlimited ? 'danger' : 'attention'}>
                {permission.text}
              </Notice>
            ))}
            {outcome.rests !== null && <p className="text-ink-soft">{t(`wallet.review.rests.${outcome.rests}`)}</p>}
          </>
        )}
        {review.fields.length > 0 && (
          <details>
            <summary className="w-fit rounded-sm">{t('common.details')}</summary>
            <Facts
              rows={review.fields.map(({ label, text }, i) => ({
                id: `${i} ${label}`,
                label,
                value: <bdi>{text}</bdi>,
              }))}
            />
          </details>
        )}
      </div>
    </Section>
  );
}
