import { useState } from 'react';
import type { Balance } from '#shared/contract/wallet/money.ts';
import { formatAmount } from '#shared/model/amount.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useFormat } from '../../../lib/format.ts';
import { useLocale, useT } from '../../../lib/i18n.ts';
import { pointOf } from '../../../lib/money/typed.ts';
import type { TypedAmount } from '../../../lib/money/use-typed.ts';
import { AmountField } from '../../../ui/amount-field.tsx';
import { Button } from '../../../ui/button.tsx';
import { Select } from '../../../ui/choice.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Notice } from '../../../ui/panel.tsx';

const keyOf = ({ account, token }: Balance) => `${account} ${token.chain} ${token.address}`;

/** Of which of one's money, how much, and a note for oneself. */
export function AmountStep({
  balance,
  onBalance,
  amount,
  note,
  onNote,
  onBack,
  onNext,
}: {
  balance: Balance | null;
  onBalance: (balance: Balance) => void;
  amount: TypedAmount;
  note: string;
  onNote: (note: string) => void;
  onBack: () => void;
  onNext: () => void;
}) {
  const t = useT();
  const format = useFormat();
  const locale = useLocale();
  const [tried, setTried] = useState(false);
  const { data } = useAgentQuery('wallet.balances', {});
  const { data: known } = useAgentQuery('wallet.accounts', {});
  const own = new Map((known?.accounts ?? []).map((account) => [account.address, account]));
  const spendable = (data?.balances ?? []).filter(
    ({ account, sum }) => sum.units !== '0' && own.get(account)?.kind !== 'watched',
  );
  const has = (one: Balance) =>
    format.money({ units: one.sum.units, decimals: one.token.decimals, symbol: one.token.symbol });
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        amount.touch();
        if (balance !== null && amount.units !== null) onNext();
      }}
    >
      {data && spendable.length === 0 ? (
        <Notice tone="attention">{t('wallet.send.nothing')}</Notice>
      ) : (
        <>
          <Field
            label={t('wallet.send.what')}
            error={tried && balance === null ? t('wallet.send.whatEmpty') : undefined}
            required
          >
            {(control) => (
              <Select
                {...control}
                value={balance === null ? '' : keyOf(balance)}
                onChange={(key) => {
                  const chosen = spendable.find((one) => keyOf(one) === key);
                  if (chosen) onBalance(chosen);
                }}
                options={spendable.map((one) => ({
                  value: keyOf(one),
                  label: `${has(one)} · ${one.token.chainName}`,
                  ...(own.size > 1 ? { note: own.get(one.account)?.name ?? one.account } : {}),
                }))}
              />
            )}
          </Field>
          {balance !== null && balance.token.warning !== null && (
            <Notice tone="attention">{balance.token.warning}</Notice>
          )}
          <AmountField
            label={t('money.amount')}
            symbol={balance?.token.symbol ?? ''}
            amount={amount}
            {...(balance === null ? {} : { hint: t('wallet.send.has', { amount: has(balance) }) })}
            after={
              balance !== null && (
                <Button
                  onClick={() =>
                    amount.set(
                      formatAmount(BigInt(balance.sum.units), balance.token.decimals).replace('.', pointOf(locale)),
                    )
                  }
                >
                  {t('wallet.send.all')}
                </Button>
              )
            }
          />
          <Field label={t('wallet.send.note')} hint={t('wallet.send.noteHint')} optional>
            {(control) => (
              <Input {...control} maxLength={200} value={note} onChange={(event) => onNote(event.target.value)} />
            )}
          </Field>
        </>
      )}
      <div className="flex gap-2">
        <Button onClick={onBack}>{t('common.back')}</Button>
        <Button tone="primary" type="submit" disabled={spendable.length === 0}>
          {t('wallet.send.toReview')}
        </Button>
      </div>
    </form>
  );
}
