import { useState } from 'react';
import type { ChainRef } from '#shared/model/evm.ts';
import { type Out, useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Select } from '../../../ui/choice.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';

export type ChainQuestion =
  | { readonly kind: 'chain' }
  | { readonly kind: 'rpc'; readonly chain: ChainRef; readonly name: string };

const other = 'other';

/** A chain by the address of a server that answers for it, or another address of one that is there. */
export function AddChain({
  asking,
  known,
  onClose,
}: {
  asking: ChainQuestion;
  known: Out<'ledger.chains'>['known'];
  onClose: () => void;
}) {
  const t = useT();
  const [which, setWhich] = useState<string>(known[0]?.ref ?? other);
  const [rpc, setRpc] = useState('');
  const [name, setName] = useState('');
  const [coin, setCoin] = useState('');
  const [tried, setTried] = useState(false);
  const addChain = useAgentMutation('ledger.addChain', { quiet: true, onDone: onClose });
  const addRpc = useAgentMutation('ledger.addRpc', { quiet: true, onDone: onClose });
  const preset = known.find(({ ref }) => ref === which);
  const unknown = asking.kind === 'chain' && preset === undefined;
  const lacks = unknown && (name.trim() === '' || coin.trim() === '');
  const submit = () => {
    setTried(true);
    if (rpc.trim() === '' || lacks) return;
    if (asking.kind === 'rpc') addRpc.mutate({ chain: asking.chain, rpc });
    else addChain.mutate({ rpc, ...(preset ? { chain: preset.ref } : { name: name.trim(), coin: coin.trim() }) });
  };
  return (
    <FormDialog
      title={asking.kind === 'rpc' ? t('ledger.chains.addRpcTo', { name: asking.name }) : t('ledger.chains.add')}
      description={t('ledger.chains.addText')}
      submit={t(asking.kind === 'rpc' ? 'ledger.chains.addRpc' : 'ledger.chains.add')}
      busy={addChain.isPending || addRpc.isPending}
      error={addChain.error ?? addRpc.error}
      onSubmit={submit}
      onClose={onClose}
    >
      {asking.kind === 'chain' && (
        <Field label={t('ledger.chains.which')}>
          {(control) => (
            <Select
              {...control}
              value={which}
              onChange={setWhich}
              options={[
                ...known.map(({ ref, name }) => ({ value: ref as string, label: name })),
                { value: other, label: t('ledger.chains.other') },
              ]}
            />
          )}
        </Field>
      )}
      <Field
        label={t('ledger.chains.rpc')}
        hint={t('ledger.chains.rpcHint')}
        error={tried && rpc.trim() === '' ? t('ledger.chains.rpcEmpty') : undefined}
        required
      >
        {(control) => (
          <Input
            {...control}
            dir="ltr"
            className="font-mono text-sm"
            value={rpc}
            onChange={(event) => setRpc(event.target.value)}
          />
        )}
      </Field>
      {unknown && (
        <>
          <Field
            label={t('ledger.chains.name')}
            error={tried && name.trim() === '' ? t('ledger.chains.nameEmpty') : undefined}
            required
          >
            {(control) => (
              <Input {...control} maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
          <Field
            label={t('ledger.chains.coin')}
            error={tried && coin.trim() === '' ? t('ledger.chains.coinEmpty') : undefined}
            required
          >
            {(control) => (
              <Input {...control} maxLength={12} value={coin} onChange={(event) => setCoin(event.target.value)} />
            )}
          </Field>
        </>
      )}
    </FormDialog>
  );
}
