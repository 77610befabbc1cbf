import { useState } from 'react';
import type { ContactAddress } from '#shared/contract/wallet/addresses.ts';
import { evmAddressSchema } from '#shared/model/evm.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Address } from '../../../ui/address.tsx';
import { Button } from '../../../ui/button.tsx';
import { Select } from '../../../ui/choice.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { Notice, Section } from '../../../ui/panel.tsx';

/** To which addresses contacts get money: those one typed, and those they told. */
export function AddressBook() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data } = useAgentQuery('wallet.addresses', {});
  const [adding, setAdding] = useState(false);
  const set = useAgentMutation('wallet.setAddress');
  const forget = useAgentMutation('wallet.forgetAddress', { done: () => t('wallet.addresses.forgotten') });
  const entries: readonly ContactAddress[] = data?.entries ?? [];
  return (
    <Section
      title={t('wallet.addresses.title')}
      note={t('wallet.addresses.note')}
      actions={
        <Button disabled={!ready} onClick={() => setAdding(true)}>
          {t('wallet.addresses.add')}
        </Button>
      }
    >
      {entries.length === 0 ? (
        <p className="text-sm text-ink-soft">{t('wallet.addresses.empty')}</p>
      ) : (
        <ul className="text-sm">
          {entries.map((entry) => (
            <li key={entry.contact} className="flex flex-col gap-2 border-b border-line py-1.5 last:border-b-0">
              <span className="flex flex-wrap items-center gap-x-3">
                <bdi className="grow truncate">{entry.name ?? t('wallet.addresses.gone')}</bdi>
                {entry.address !== null && <Address address={entry.address} />}
                {entry.address !== null && (
                  <Button
                    size="small"
                    disabled={!ready}
                    aria-label={t('wallet.addresses.forgetOf', { name: entry.name ?? entry.contact })}
                    onClick={() => forget.mutate({ contact: entry.contact })}
                  >
                    {t('wallet.addresses.forget')}
                  </Button>
                )}
              </span>
              {entry.offered !== null && (
                <Notice
                  tone="attention"
                  action={
                    <Button
                      disabled={!ready}
                      busy={set.isPending}
                      onClick={() =>
                        entry.offered && set.mutate({ contact: entry.contact, address: entry.offered.address })
                      }
                    >
                      {t('wallet.addresses.take')}
                    </Button>
                  }
                >
                  {t(entry.address === null ? 'wallet.addresses.told' : 'wallet.addresses.toldOther')}{' '}
                  <Address address={entry.offered.address} />
                </Notice>
              )}
            </li>
          ))}
        </ul>
      )}
      {adding && <AddAddress onClose={() => setAdding(false)} />}
    </Section>
  );
}

function AddAddress({ onClose }: { onClose: () => void }) {
  const t = useT();
  const { data } = useAgentQuery('contacts.list', {});
  const [contact, setContact] = useState('');
  const [address, setAddress] = useState('');
  const [tried, setTried] = useState(false);
  const set = useAgentMutation('wallet.setAddress', { quiet: true, onDone: onClose });
  const at = evmAddressSchema.safeParse(address);
  const submit = () => {
    setTried(true);
    if (contact !== '' && at.success) set.mutate({ contact, address: at.data });
  };
  return (
    <FormDialog
      title={t('wallet.addresses.add')}
      description={t('wallet.addresses.addText')}
      submit={t('common.save')}
      busy={set.isPending}
      error={set.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('wallet.send.contact')}
        error={tried && contact === '' ? t('wallet.send.toWrong.contact') : undefined}
        required
      >
        {(control) => (
          <Select
            {...control}
            value={contact}
            onChange={setContact}
            options={(data?.contacts ?? []).map(({ id, petname }) => ({ value: id as string, label: petname }))}
          />
        )}
      </Field>
      <Field label={t('money.address')} error={tried && !at.success ? t('money.notAddress') : undefined} required>
        {(control) => (
          <Input
            {...control}
            dir="ltr"
            className="font-mono text-sm"
            value={address}
            onChange={(event) => setAddress(event.target.value)}
          />
        )}
      </Field>
    </FormDialog>
  );
}
