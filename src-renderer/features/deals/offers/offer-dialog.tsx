import { useState } from 'react';
import type { OfferView } from '#shared/contract/deals.ts';
import { formatAmount } from '#shared/model/amount.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { useTypedAmount } from '../../../lib/money/use-typed.ts';
import { AmountField } from '../../../ui/amount-field.tsx';
import { Segments, Select } from '../../../ui/choice.tsx';
import { Field, Input, TextArea } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { LinkButton } from '../../../ui/link-button.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { type KnownChain, useChains } from '../../wallet/use-chains.ts';

const anybody = 'anybody';
const pers = ['hour', 'day', 'month'] as const;
const daySeconds = 86_400;
/** Days that each part of the terms begins with; the contract's own. */
const usual = { notice: '7', grace: '3', window: '1', validFor: '7' } as const;
type Days = keyof typeof usual;
const longest: Readonly<Record<Days, number>> = { notice: 90, grace: 90, window: 30, validFor: 366 };

const daysOf = (text: string, most: number): number | null =>
  /^\d{1,3}$/.test(text.trim()) && Number(text) <= most ? Number(text) : null;

/** What somebody provides, for whom, at which price, on which terms. */
export function OfferDialog({ onMade, onClose }: { onMade: (offer: OfferView) => void; onClose: () => void }) {
  const t = useT();
  const chains = useChains().filter(({ credits }) => credits !== null);
  if (chains.length === 0) {
    return (
      <FormDialog
        title={t('deals.makeOffer')}
        submit={t('common.close')}
        busy={false}
        error={null}
        onSubmit={onClose}
        onClose={onClose}
      >
        <Notice action={<LinkButton to="/wallet/ledger">{t('wallet.nav.ledger')}</LinkButton>}>
          {t('deals.noLedger')}
        </Notice>
      </FormDialog>
    );
  }
  return <OfferForm chains={chains} onMade={onMade} onClose={onClose} />;
}

function OfferForm({
  chains,
  onMade,
  onClose,
}: {
  chains: readonly KnownChain[];
  onMade: (offer: OfferView) => void;
  onClose: () => void;
}) {
  const t = useT();
  const { data } = useAgentQuery('contacts.list', {});
  const people = (data?.contacts ?? []).filter(({ blocked, state }) => !blocked && state === 'known');
  const [ref, setRef] = useState<string>(chains[0]?.ref ?? '');
  const chain = chains.find((one) => one.ref === ref) ?? chains[0];
  const [to, setTo] = useState<string>(anybody);
  const [what, setWhat] = useState('');
  const [per, setPer] = useState<(typeof pers)[number]>('month');
  const [days, setDays] = useState<Record<Days, string>>(usual);
  const [tried, setTried] = useState(false);
  const price = useTypedAmount(chain?.credits ?? null);
  const offer = useAgentMutation('deals.offer', { quiet: true, onDone: onMade });
  const terms = (Object.keys(usual) as Days[]).map((key) => [key, daysOf(days[key], longest[key])] as const);
  const submit = () => {
    setTried(true);
    price.touch();
    if (!chain?.credits || what.trim() === '' || price.units === null) return;
    const seconds: Partial<Record<Days, number>> = {};
    for (const [key, value] of terms) {
      if (value === null || (key === 'validFor' && value === 0)) return;
      seconds[key] = value * daySeconds;
    }
    offer.mutate({
      chain: chain.ref,
      what,
      per,
      price: formatAmount(price.units, chain.credits.decimals),
      ...(to === anybody ? {} : { to }),
      ...seconds,
    });
  };
  return (
    <FormDialog
      width="wide"
      title={t('deals.makeOffer')}
      description={t('deals.makeOfferText')}
      submit={t('deals.makeOfferDo')}
      busy={offer.isPending}
      error={offer.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('deals.whatLabel')}
        hint={t('deals.whatHint')}
        error={tried && what.trim() === '' ? t('deals.whatEmpty') : undefined}
        required
      >
        {(control) => (
          <TextArea {...control} maxLength={8_000} value={what} onChange={(event) => setWhat(event.target.value)} />
        )}
      </Field>
      <div className="grid gap-4 min-[600px]:grid-cols-2">
        <Field label={t('deals.toLabel')}>
          {(control) => (
            <Select
              {...control}
              value={to}
              onChange={setTo}
              options={[
                { value: anybody, label: t('deals.anybody') },
                ...people.map(({ id, petname }) => ({ value: id as string, label: petname })),
              ]}
            />
          )}
        </Field>
        <Field label={t('deals.chain')}>
          {(control) => (
            <Select
              {...control}
              value={ref}
              onChange={setRef}
              options={chains.map(({ ref, name }) => ({ value: ref as string, label: name }))}
            />
          )}
        </Field>
      </div>
      <div className="flex flex-wrap items-end gap-3">
        <div className="grow basis-56">
          <AmountField label={t('deals.price')} symbol={chain?.credits?.symbol ?? ''} amount={price} />
        </div>
        <Segments
          label={t('deals.perLabel')}
          value={per}
          onChange={setPer}
          options={pers.map((value) => ({ value, label: t(`deals.per.${value}`) }))}
        />
      </div>
      <details className="text-sm">
        <summary className="w-fit rounded-sm">{t('deals.moreTerms')}</summary>
        <div className="mt-3 grid gap-4 min-[600px]:grid-cols-2">
          {terms.map(([key, value]) => (
            <Field
              key={key}
              label={t(`deals.days.${key}`)}
              hint={t(`deals.daysHint.${key}`)}
              error={tried && value === null ? t('deals.daysWrong', { most: longest[key] }) : undefined}
            >
              {(control) => (
                <Input
                  {...control}
                  inputMode="numeric"
                  value={days[key]}
                  onChange={(event) => setDays({ ...days, [key]: event.target.value })}
                />
              )}
            </Field>
          ))}
        </div>
      </details>
    </FormDialog>
  );
}
