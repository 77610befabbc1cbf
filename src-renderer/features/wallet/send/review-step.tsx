import { useState } from 'react';
import type { Balance } from '#shared/contract/wallet/money.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Address } from '../../../ui/address.tsx';
import { Amount } from '../../../ui/amount.tsx';
import { Button } from '../../../ui/button.tsx';
import { Segments } from '../../../ui/choice.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Checkbox } from '../../../ui/field.tsx';
import { Facts } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { toast } from '../../../ui/toast.tsx';
import { ReviewCard } from '../review/review-card.tsx';

const speeds = ['slow', 'normal', 'fast'] as const;

/** What sending would do, tried out before anything is signed; and the button that sends. */
export function ReviewStep({
  to,
  balance,
  amount,
  note,
  onBack,
  onClose,
}: {
  to: string;
  balance: Balance;
  /** A decimal number with a point. */
  amount: string;
  note: string;
  onBack: () => void;
  onClose: () => void;
}) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { token, account } = balance;
  const what = { to, amount, token: token.address ?? token.symbol, chain: token.chain, account };
  const quote = useAgentQuery('wallet.quote', what);
  const call = quote.data?.call;
  const review = useAgentQuery(
    'wallet.review',
    // Asked only once there is a call.
    { chain: token.chain, from: account, ...call },
    { enabled: call !== undefined },
  );
  const [speed, setSpeed] = useState<(typeof speeds)[number]>('normal');
  const [sure, setSure] = useState(false);
  // Made once for this review: pressed twice, or sent again after the line was cut, nothing is paid twice.
  const [once] = useState(() => crypto.randomUUID());
  const send = useAgentMutation('wallet.send', {
    quiet: true,
    onDone: ({ movement }) => {
      toast.done(movement.words, undefined, `movement ${movement.id}`);
      onClose();
    },
  });
  const found = quote.data;
  const dangers = review.data?.warnings.some(({ severity }) => severity === 'danger') ?? false;
  const refused = review.data?.outcome?.state === 'refused';
  const waits = found === undefined || (review.data === undefined && review.error === null);
  if (quote.error && !found) {
    return (
      <div className="flex flex-col gap-4">
        <ErrorPanel error={quote.error} onRetry={() => void quote.refetch()} />
        <div>
          <Button onClick={onBack}>{t('common.back')}</Button>
        </div>
      </div>
    );
  }
  const money = found && { units: found.sum.units, decimals: token.decimals, symbol: token.symbol };
  return (
    <div className="flex flex-col gap-4">
      {!found || !money ? (
        <Skeleton className="h-40" />
      ) : (
        <>
          <p className="text-xl font-semibold">
            <Amount exact money={money} />
          </p>
          <Facts
            rows={[
              {
                label: t('wallet.movement.to'),
                value: <Address address={found.to.address} name={found.to.name} whole />,
              },
              { label: t('wallet.movement.chain'), value: <bdi>{token.chainName}</bdi> },
              {
                label: t('wallet.send.left'),
                value: <Amount exact money={{ ...money, units: found.left.units }} />,
              },
              {
                label: t('wallet.movement.fee'),
                value:
                  found.fees.length === 0
                    ? t('wallet.send.free')
                    : t('wallet.send.feeMost', {
                        amount: found.fees.find((fee) => fee.speed === speed)?.most.text ?? '',
                      }),
              },
            ]}
          />
          {found.fees.length > 0 && (
            <Segments
              label={t('wallet.send.speed')}
              value={speed}
              onChange={setSpeed}
              options={speeds.map((value) => ({ value, label: t(`wallet.send.speeds.${value}`) }))}
            />
          )}
        </>
      )}
      {review.error && !review.data ? (
        <ErrorPanel error={review.error} onRetry={() => void review.refetch()} />
      ) : review.data ? (
        <ReviewCard review={review.data} />
      ) : (
        <Skeleton className="h-24" />
      )}
      {dangers && (
        <Checkbox checked={sure} onChange={setSure}>
          {t('wallet.send.sure')}
        </Checkbox>
      )}
      {send.error && <ErrorPanel error={send.error} />}
      <div className="flex gap-2">
        <Button onClick={onBack}>{t('common.back')}</Button>
        <Button
          tone={dangers ? 'danger' : 'primary'}
          disabled={!ready || waits || refused || (dangers && !sure)}
          busy={send.isPending}
          onClick={() => send.mutate({ ...what, speed, once, ...(note === '' ? {} : { note }) })}
        >
          {found ? t('wallet.send.do', { amount: found.sum.text }) : t('wallet.send.title')}
        </Button>
      </div>
    </div>
  );
}
