import { useState } from 'react';
import type { Balance } from '#shared/contract/wallet/money.ts';
import { formatAmount } from '#shared/model/amount.ts';
import { parsePaymentRequest } from '#shared/model/eip681.ts';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLocale, useT } from '../../../lib/i18n.ts';
import { pointOf } from '../../../lib/money/typed.ts';
import { Button } from '../../../ui/button.tsx';
import { Segments, Select } from '../../../ui/choice.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { LinkButton } from '../../../ui/link-button.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { nobody, type Recipient, toOf } from './recipient.ts';

const kinds = ['contact', 'account', 'address'] as const;

/** A contact whose address is known, another of one's own accounts, or an address or payment link that was pasted. */
export function ToStep({
  recipient,
  onChange,
  onPaying,
  onNext,
}: {
  recipient: Recipient;
  onChange: (recipient: Recipient) => void;
  /** A payment link named what is paid and how much. */
  onPaying: (request: { balance: Balance | null; units: string | null }) => void;
  onNext: () => void;
}) {
  const t = useT();
  const locale = useLocale();
  const [tried, setTried] = useState(false);
  const { data: book } = useAgentQuery('wallet.addresses', {});
  const { data: known } = useAgentQuery('wallet.accounts', {});
  const { data: money } = useAgentQuery('wallet.balances', {});
  const people = (book?.entries ?? []).filter(({ name, address }) => name !== null && address !== null);
  const accounts = known?.accounts ?? [];
  const to = toOf(recipient);
  const pasted = (text: string) => {
    const request = parsePaymentRequest(text);
    if (request === null) return onChange({ kind: 'address', value: text });
    onChange({ kind: 'address', value: request.to });
    const balance =
      money?.balances.find(
        ({ token }) =>
          token.chain === request.chain && (token.address ?? '').toLowerCase() === (request.token ?? '').toLowerCase(),
      ) ?? null;
    const units =
      balance === null || request.amount === null
        ? null
        : formatAmount(request.amount, balance.token.decimals).replace('.', pointOf(locale));
    onPaying({ balance, units });
  };
  const error = tried && to === null ? t(`wallet.send.toWrong.${recipient.kind}`) : undefined;
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (to !== null) onNext();
      }}
    >
      <Segments
        label={t('wallet.send.toWhom')}
        value={recipient.kind}
        onChange={(kind) => onChange({ ...nobody, kind })}
        options={kinds.map((value) => ({ value, label: t(`wallet.send.toKind.${value}`) }))}
      />
      {recipient.kind === 'contact' && people.length === 0 ? (
        <Notice action={<LinkButton to="/wallet/accounts">{t('wallet.addresses.title')}</LinkButton>}>
          {t('wallet.send.noPeople')}
        </Notice>
      ) : recipient.kind === 'contact' ? (
        <Field label={t('wallet.send.contact')} error={error} required>
          {(control) => (
            <Select
              {...control}
              value={recipient.value}
              onChange={(value) => onChange({ kind: 'contact', value })}
              options={people.map(({ contact, name }) => ({ value: contact as string, label: name ?? contact }))}
            />
          )}
        </Field>
      ) : recipient.kind === 'account' ? (
        <Field label={t('wallet.send.account')} error={error} required>
          {(control) => (
            <Select
              {...control}
              value={recipient.value}
              onChange={(value) => onChange({ kind: 'account', value })}
              options={accounts.map(({ address, name }) => ({ value: address as string, label: name }))}
            />
          )}
        </Field>
      ) : (
        <Field label={t('wallet.send.address')} hint={t('wallet.send.addressHint')} error={error} required>
          {(control) => (
            <Input
              {...control}
              dir="ltr"
              className="font-mono text-sm"
              value={recipient.value}
              onChange={(event) => pasted(event.target.value)}
            />
          )}
        </Field>
      )}
      <div>
        <Button tone="primary" type="submit">
          {t('common.continue')}
        </Button>
      </div>
    </form>
  );
}
