import type { DealView } from '#shared/contract/deals.ts';
import { useT } from '../../../lib/i18n.ts';
import { Amount } from '../../../ui/amount.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { Time } from '../../../ui/time.tsx';
import { moneyOf } from '../deal-words.ts';

export interface ObjectionProps extends Pick<DealView, 'role' | 'state'> {
  readonly token: Parameters<typeof moneyOf>[0];
  readonly objection: NonNullable<DealView['objection']>;
}

/** What the tenant objected to, in their words where these came and are those that the chain has the hash of. */
export function Objection({ role, state, token, objection }: ObjectionProps) {
  const t = useT();
  return (
    <Notice tone={state === 'disputed' ? 'attention' : 'plain'}>
      <p>
        {t(`deals.objection.${role}`)} <Amount money={moneyOf(token, objection.amount)} />, <Time at={objection.at} />
      </p>
      {objection.reason === null ? (
        <p className="text-ink-soft">{t('deals.objection.noWords')}</p>
      ) : (
        <blockquote className="mt-1 break-words whitespace-pre-wrap">
          <bdi>{objection.reason}</bdi>
        </blockquote>
      )}
    </Notice>
  );
}
