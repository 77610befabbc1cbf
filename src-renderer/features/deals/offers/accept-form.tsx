import type { OfferView } from '#shared/contract/deals.ts';
import { formatAmount } from '#shared/model/amount.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useFormat } from '../../../lib/format.ts';
import { useLocale, useT } from '../../../lib/i18n.ts';
import { pointOf } from '../../../lib/money/typed.ts';
import { useTypedAmount } from '../../../lib/money/use-typed.ts';
import { AmountField } from '../../../ui/amount-field.tsx';
import { Button } from '../../../ui/button.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { moneyOf } from '../deal-words.ts';

/** How much is deposited, what that pays for, and the button that says what it does. */
export function AcceptForm({ offer, onTask }: { offer: OfferView; onTask: (task: TaskId) => void }) {
  const t = useT();
  const format = useFormat();
  const locale = useLocale();
  const ready = useLink().phase === 'ready';
  const { token, price } = offer.terms;
  const least = BigInt(offer.minDeposit);
  const day = BigInt(price.day);
  const usual = least > day * 30n ? least : day * 30n;
  const first = formatAmount(usual, token.decimals).replace('.', pointOf(locale));
  const deposit = useTypedAmount(token, null, first);
  const accept = useAgentMutation('deals.accept', { quiet: true, onDone: ({ task }) => onTask(task) });
  const small = deposit.units !== null && deposit.units < least;
  const money = (units: bigint) => format.money(moneyOf(token, String(units)));
  const lasts = deposit.units !== null && day > 0n ? Number((deposit.units * 10n) / day) / 10 : null;
  return (
    <form
      noValidate
      className="flex flex-col gap-4 border-t border-line pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        deposit.touch();
        if (deposit.units === null || small) return;
        accept.mutate({ offer: offer.id, deposit: formatAmount(deposit.units, token.decimals) });
      }}
    >
      <AmountField
        label={t('deals.deposit')}
        symbol={token.symbol}
        amount={small ? { ...deposit, error: t('deals.depositSmall', { amount: money(least) }) } : deposit}
        hint={lasts === null ? t('deals.depositHint') : t('deals.lasts', { days: format.number(lasts, 1) })}
      />
      <p className="text-sm text-ink-soft">{t('deals.depositText')}</p>
      {accept.error && <ErrorPanel error={accept.error} />}
      <div>
        <Button tone="primary" type="submit" disabled={!ready || offer.problems.length > 0} busy={accept.isPending}>
          {deposit.units === null ? t('deals.do.accept') : t('deals.acceptFor', { amount: money(deposit.units) })}
        </Button>
      </div>
    </form>
  );
}
