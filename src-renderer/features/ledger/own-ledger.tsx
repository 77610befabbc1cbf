import type { ReactNode } from 'react';
import type { OwnLedger as Ledger } from '#shared/contract/ledger/own.ts';
import { useFormat } from '../../lib/format.ts';
import { useT } from '../../lib/i18n.ts';
import { Address } from '../../ui/address.tsx';
import { Amount } from '../../ui/amount.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { Facts, Notice, Section } from '../../ui/panel.tsx';
import { State, type Tone } from '../../ui/state.tsx';
import { Time } from '../../ui/time.tsx';

const tone: Readonly<Record<Ledger['state'], Tone>> = {
  open: 'active',
  opening: 'waiting',
  starting: 'waiting',
  broken: 'failed',
};

/** What the own ledger holds now. What it owes stands first: that is what others rely on. */
export function OwnLedger({ ledger, actions }: { ledger: Ledger; actions: ReactNode }) {
  const t = useT();
  const format = useFormat();
  return (
    <Section title={ledger.name} actions={actions}>
      <div className="flex flex-col gap-3">
        <State tone={tone[ledger.state]}>{t(`ledger.state.${ledger.state}`)}</State>
        {ledger.problem && (
          <Notice tone="danger">
            <p>{ledger.problem.text}</p>
            <p>{ledger.problem.next}</p>
          </Notice>
        )}
        <Facts
          rows={[
            ...(ledger.outstanding === null
              ? []
              : [
                  {
                    label: t('ledger.outstanding'),
                    value: (
                      <Amount
                        exact
                        className="font-medium"
                        money={{ units: ledger.outstanding.units, decimals: ledger.decimals, symbol: ledger.symbol }}
                      />
                    ),
                  },
                ]),
            { label: t('ledger.operator'), value: <Address address={ledger.operator} /> },
            ...(ledger.newest === null
              ? []
              : [
                  {
                    label: t('ledger.newest'),
                    value: (
                      <span className="flex flex-wrap items-center gap-x-3">
                        {format.number(ledger.newest.number)} <Time at={ledger.newest.at} className="text-ink-soft" />
                        <Copyable value={ledger.newest.hash} what={t('ledger.hash')} />
                      </span>
                    ),
                  },
                ]),
            ...(ledger.transactions === null
              ? []
              : [{ label: t('ledger.transactions'), value: format.number(ledger.transactions) }]),
            ...(ledger.bytes === null ? [] : [{ label: t('ledger.size'), value: format.bytes(ledger.bytes) }]),
            { label: t('ledger.openedAt'), value: format.date(ledger.openedAt) },
            ...(ledger.incarnation === 0
              ? []
              : [{ label: t('ledger.incarnation'), value: format.number(ledger.incarnation) }]),
            ...(ledger.chain === null ? [] : [{ label: t('ledger.chainId'), value: ledger.chain }]),
          ]}
        />
      </div>
    </Section>
  );
}
