import { useState } from 'react';
import type { Balance } from '#shared/contract/wallet/money.ts';
import { formatAmount } from '#shared/model/amount.ts';
import { useT } from '../../../lib/i18n.ts';
import { useTypedAmount } from '../../../lib/money/use-typed.ts';
import { Sheet } from '../../../ui/sheet.tsx';
import { AmountStep } from './amount-step.tsx';
import { nobody, type Recipient, toOf } from './recipient.ts';
import { ReviewStep } from './review-step.tsx';
import { ToStep } from './to-step.tsx';

const steps = ['to', 'amount', 'review'] as const;
type Step = (typeof steps)[number];

/** Three steps: to whom, how much, and what would happen. Nothing is signed before the last button. */
export function SendSheet({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [step, setStep] = useState<Step>('to');
  const [recipient, setRecipient] = useState<Recipient>(nobody);
  const [balance, setBalance] = useState<Balance | null>(null);
  const [note, setNote] = useState('');
  const amount = useTypedAmount(balance?.token ?? null, balance === null ? null : BigInt(balance.sum.units));
  const to = toOf(recipient);
  const at = steps.indexOf(step);
  return (
    <Sheet open width="wide" onOpenChange={(open) => !open && onClose()} title={t('wallet.send.title')}>
      <div className="flex flex-col gap-5 px-5 py-4">
        <ol aria-label={t('wallet.send.steps')} className="flex gap-4 text-sm">
          {steps.map((one, i) => (
            <li
              key={one}
              aria-current={one === step ? 'step' : undefined}
              className={one === step ? 'font-semibold' : 'text-ink-soft'}
            >
              {t('wallet.send.stepOf', { number: i + 1, name: t(`wallet.send.step.${one}`) })}
              {i < at && <span className="sr-only"> {t('wallet.send.stepDone')}</span>}
            </li>
          ))}
        </ol>
        {step === 'to' && (
          <ToStep
            recipient={recipient}
            onChange={setRecipient}
            onPaying={({ balance: found, units }) => {
              if (found === null) return;
              setBalance(found);
              if (units !== null) amount.set(units);
            }}
            onNext={() => setStep('amount')}
          />
        )}
        {step === 'amount' && (
          <AmountStep
            balance={balance}
            onBalance={setBalance}
            amount={amount}
            note={note}
            onNote={setNote}
            onBack={() => setStep('to')}
            onNext={() => setStep('review')}
          />
        )}
        {step === 'review' && balance !== null && amount.units !== null && to !== null && (
          <ReviewStep
            to={to}
            balance={balance}
            amount={formatAmount(amount.units, balance.token.decimals)}
            note={note.trim()}
            onBack={() => setStep('amount')}
            onClose={onClose}
          />
        )}
      </div>
    </Sheet>
  );
}
