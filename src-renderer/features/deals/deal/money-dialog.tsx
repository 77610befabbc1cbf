import type { DealView } from '#shared/contract/deals.ts';
import { formatAmount } from '#shared/model/amount.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useT } from '../../../lib/i18n.ts';
import { useTypedAmount } from '../../../lib/money/use-typed.ts';
import { AmountField } from '../../../ui/amount-field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { toast } from '../../../ui/toast.tsx';
import { moneyOf } from '../deal-words.ts';

export type MoneyQuestion = 'topUp' | 'refund' | 'settlement';

/** How much: to add to the deposit, to give back, or to share out of what is objected to. */
export function MoneyDialog({
  deal,
  ask,
  onTask,
  onClose,
}: {
  deal: DealView;
  ask: MoneyQuestion;
  onTask: (task: TaskId) => void;
  onClose: () => void;
}) {
  const t = useT();
  const format = useFormat();
  const { token, price } = deal.terms;
  const most = ask === 'topUp' ? null : BigInt(deal.earned);
  const amount = useTypedAmount(token, most);
  const topUp = useAgentMutation('deals.topUp', {
    quiet: true,
    onDone: ({ task }) => {
      onTask(task);
      onClose();
    },
  });
  const propose = useAgentMutation('deals.propose', {
    quiet: true,
    onDone: () => {
      toast.done(t('deals.proposed'), undefined, `deal ${deal.id}`);
      onClose();
    },
  });
  const submit = () => {
    amount.touch();
    if (amount.units === null) return;
    const text = formatAmount(amount.units, token.decimals);
    if (ask === 'topUp') topUp.mutate({ deal: deal.id, amount: text });
    else propose.mutate({ deal: deal.id, kind: ask, amount: text });
  };
  const shown = amount.units === null ? null : format.money(moneyOf(token, String(amount.units)));
  const day = BigInt(price.day);
  const days = ask === 'topUp' && amount.units !== null && day > 0n ? Number((amount.units * 10n) / day) / 10 : null;
  return (
    <FormDialog
      title={t(`deals.ask.${ask}.title`)}
      description={t(`deals.ask.${ask}.text`)}
      submit={shown === null ? t(`deals.ask.${ask}.title`) : t(`deals.ask.${ask}.do`, { amount: shown })}
      busy={topUp.isPending || propose.isPending}
      error={topUp.error ?? propose.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <AmountField
        autoFocus
        label={t('money.amount')}
        symbol={token.symbol}
        amount={amount}
        hint={
          days !== null
            ? t('deals.lasts', { days: format.number(days, 1) })
            : most !== null
              ? t('deals.upTo', { amount: format.money(moneyOf(token, deal.earned)) })
              : t('deals.dayCosts', { amount: format.money(moneyOf(token, price.day)) })
        }
      />
    </FormDialog>
  );
}
