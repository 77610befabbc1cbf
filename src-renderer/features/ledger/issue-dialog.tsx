import { useState } from 'react';
import { formatAmount } from '#shared/model/amount.ts';
import { evmAddressSchema } from '#shared/model/evm.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { useTypedAmount } from '../../lib/money/use-typed.ts';
import { AmountField } from '../../ui/amount-field.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { FormDialog } from '../../ui/form-dialog.tsx';
import { toast } from '../../ui/toast.tsx';

/** How much is promised, to whom, and what for. */
export function IssueDialog({ symbol, decimals, onClose }: { symbol: string; decimals: number; onClose: () => void }) {
  const t = useT();
  const format = useFormat();
  const [to, setTo] = useState('');
  const [memo, setMemo] = useState('');
  const [tried, setTried] = useState(false);
  const amount = useTypedAmount({ symbol, decimals });
  const shown = amount.units === null ? null : format.money({ units: String(amount.units), decimals, symbol });
  const issue = useAgentMutation('ledger.issue', {
    quiet: true,
    onDone: () => {
      toast.done(t('ledger.isIssued', { amount: shown ?? symbol }));
      onClose();
    },
  });
  const address = evmAddressSchema.safeParse(to);
  const wrong = to.trim() !== '' && !address.success;
  const submit = () => {
    setTried(true);
    amount.touch();
    if (amount.units === null || memo.trim() === '' || wrong) return;
    issue.mutate({
      amount: formatAmount(amount.units, decimals),
      memo,
      ...(address.success ? { to: address.data } : {}),
    });
  };
  return (
    <FormDialog
      title={t('ledger.issue')}
      description={t('ledger.issueText')}
      submit={shown === null ? t('ledger.issue') : t('ledger.issueDo', { amount: shown })}
      busy={issue.isPending}
      error={issue.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <AmountField autoFocus label={t('money.amount')} symbol={symbol} amount={amount} />
      <Field
        label={t('ledger.memo')}
        hint={t('ledger.memoHint')}
        error={tried && memo.trim() === '' ? t('ledger.memoEmpty') : undefined}
        required
      >
        {(control) => (
          <Input {...control} maxLength={280} value={memo} onChange={(event) => setMemo(event.target.value)} />
        )}
      </Field>
      <Field
        label={t('ledger.to')}
        hint={t('ledger.toHint')}
        error={tried && wrong ? t('money.notAddress') : undefined}
        optional
      >
        {(control) => (
          <Input
            {...control}
            dir="ltr"
            className="font-mono text-sm"
            value={to}
            onChange={(event) => setTo(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
