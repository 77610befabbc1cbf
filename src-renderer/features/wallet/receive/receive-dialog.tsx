import { useState } from 'react';
import { formatPaymentRequest } from '#shared/model/eip681.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { useTypedAmount } from '../../../lib/money/use-typed.ts';
import { AmountField } from '../../../ui/amount-field.tsx';
import { Button } from '../../../ui/button.tsx';
import { Select } from '../../../ui/choice.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { Dialog } from '../../../ui/dialog.tsx';
import { EmptyState } from '../../../ui/empty-state.tsx';
import { Field } from '../../../ui/field.tsx';
import { QrCode } from '../../../ui/qr-code.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';

/** An address to be paid to, as text and as a code (EIP-681) that names token and amount too. */
export function ReceiveDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { data: known } = useAgentQuery('wallet.accounts', {});
  const { data: list } = useAgentQuery('wallet.tokens', {});
  const accounts = known?.accounts;
  const tokens = list?.tokens ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const [tokenKey, setTokenKey] = useState<string>('any');
  const account = accounts?.find(({ address }) => address === chosen) ?? accounts?.find(({ main }) => main);
  const token = tokens.find(({ chain, address }) => `${chain} ${address}` === tokenKey) ?? null;
  const amount = useTypedAmount(token);
  const link =
    account && token
      ? formatPaymentRequest({ chain: token.chain, to: account.address, token: token.address, amount: amount.units })
      : (account?.address ?? '');
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t('wallet.receive.title')}
      description={t('wallet.receive.text')}
      footer={<Button onClick={onClose}>{t('common.close')}</Button>}
    >
      {!accounts ? (
        <Skeleton className="h-48" />
      ) : !account ? (
        <EmptyState title={t('wallet.accounts.empty')}>{t('wallet.accounts.emptyText')}</EmptyState>
      ) : (
        <div className="flex flex-wrap items-start gap-6">
          <div className="flex min-w-0 grow basis-64 flex-col gap-4">
            {accounts.length > 1 && (
              <Field label={t('wallet.receive.account')}>
                {(control) => (
                  <Select
                    {...control}
                    value={account.address as string}
                    onChange={setChosen}
                    options={accounts.map(({ address, name }) => ({ value: address as string, label: name }))}
                  />
                )}
              </Field>
            )}
            <Field label={t('wallet.receive.what')}>
              {(control) => (
                <Select
                  {...control}
                  value={tokenKey}
                  onChange={setTokenKey}
                  options={[
                    { value: 'any', label: t('wallet.receive.anything') },
                    ...tokens.map(({ chain, address, symbol, chainName }) => ({
                      value: `${chain} ${address}`,
                      label: `${symbol} · ${chainName}`,
                    })),
                  ]}
                />
              )}
            </Field>
            {token && <AmountField label={t('money.amount')} symbol={token.symbol} amount={amount} />}
            <div className="text-sm">
              <p className="font-medium">{t('money.address')}</p>
              <Copyable whole value={account.address} what={t('money.address')} />
            </div>
            {token && (
              <div className="text-sm">
                <p className="font-medium">{t('wallet.receive.link')}</p>
                <Copyable whole value={link} what={t('wallet.receive.link')} />
              </div>
            )}
          </div>
          <QrCode
            text={link}
            label={t('wallet.receive.code')}
            className="w-48 shrink-0 rounded-md border border-line"
          />
        </div>
      )}
    </Dialog>
  );
}
