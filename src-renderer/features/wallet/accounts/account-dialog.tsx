import { useState } from 'react';
import { displayNameSchema } from '#shared/contract/identity.ts';
import type { WalletAccount } from '#shared/contract/wallet/accounts.ts';
import { evmAddressSchema } from '#shared/model/evm.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Field, Input, PassphraseInput } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';

export type AccountQuestion =
  | { readonly kind: 'add' | 'import' | 'watch' }
  | { readonly kind: 'rename'; readonly account: WalletAccount };

/** A name, and where the account does not come from the phrase its key or its address. */
export function AccountDialog({ asking, onClose }: { asking: AccountQuestion; onClose: () => void }) {
  const t = useT();
  const { kind } = asking;
  const [name, setName] = useState(asking.kind === 'rename' ? asking.account.name : '');
  const [address, setAddress] = useState('');
  const [key, setKey] = useState('');
  const [tried, setTried] = useState(false);
  const more = { quiet: true, onDone: onClose };
  const add = useAgentMutation('wallet.addAccount', more);
  const bring = useAgentMutation('wallet.importKey', more);
  const watch = useAgentMutation('wallet.watch', more);
  const rename = useAgentMutation('wallet.nameAccount', more);
  const acts = [add, bring, watch, rename];
  const named = displayNameSchema.safeParse(name);
  const unnamed = kind === 'add' && name.trim() === '';
  const at = evmAddressSchema.safeParse(address);
  const submit = () => {
    setTried(true);
    if (unnamed) return add.mutate({});
    if (!named.success) return;
    if (kind === 'add') add.mutate({ name: named.data });
    else if (kind === 'rename') rename.mutate({ address: asking.account.address, name: named.data });
    else if (kind === 'import' && key.trim() !== '') bring.mutate({ key, name: named.data });
    else if (kind === 'watch' && at.success) watch.mutate({ address: at.data, name: named.data });
  };
  const why = (bad: boolean, text: string) => (tried && bad ? text : undefined);
  return (
    <FormDialog
      title={t(`wallet.accounts.ask.${kind}.title`)}
      description={t(`wallet.accounts.ask.${kind}.text`)}
      submit={t(`wallet.accounts.ask.${kind}.do`)}
      busy={acts.some(({ isPending }) => isPending)}
      error={acts.find((act) => act.error !== null)?.error ?? null}
      onSubmit={submit}
      onClose={onClose}
    >
      {kind === 'import' && (
        <Field
          label={t('wallet.accounts.key')}
          hint={t('wallet.accounts.keyHint')}
          error={why(key.trim() === '', t('wallet.accounts.keyEmpty'))}
          required
        >
          {(control) => (
            <PassphraseInput
              {...control}
              className="font-mono"
              value={key}
              onChange={(event) => setKey(event.target.value)}
            />
          )}
        </Field>
      )}
      {kind === 'watch' && (
        <Field label={t('money.address')} error={why(!at.success, t('money.notAddress'))} required>
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
      )}
      <Field
        label={t('wallet.accounts.name')}
        error={why(!unnamed && !named.success, t('wallet.accounts.nameWrong'))}
        optional={kind === 'add'}
        required={kind !== 'add'}
      >
        {(control) => (
          <Input {...control} maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
    </FormDialog>
  );
}
