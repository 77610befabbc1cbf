import { useState } from 'react';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Select } from '../../../ui/choice.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { bytesOfGib } from './gib.ts';
import type { Handed } from './handed-dialog.tsx';

const nameShape = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}[A-Za-z0-9_]$/;
const onlyHere = 'here';

/** For whom, how much, and for which kind of program. */
export function LendDialog({
  first,
  onDone,
  onClose,
}: {
  /** Nothing was lent before: where it is to lie can be said. */
  first: boolean;
  onDone: (handed: Handed) => void;
  onClose: () => void;
}) {
  const t = useT();
  const { data } = useAgentQuery('contacts.list', {});
  const people = (data?.contacts ?? []).filter(({ blocked }) => !blocked);
  const [name, setName] = useState('');
  const [gib, setGib] = useState('10');
  const [to, setTo] = useState<string>(onlyHere);
  const [mode, setMode] = useState<'user' | 'seq'>('user');
  const [directory, setDirectory] = useState('');
  const [tried, setTried] = useState(false);
  const lend = useAgentMutation('vault.lend', { quiet: true, onDone });
  const bytes = bytesOfGib(gib);
  const named = nameShape.test(name.trim());
  const submit = () => {
    setTried(true);
    if (!named || bytes === null) return;
    lend.mutate({
      ...{ name: name.trim(), bytes, mode, to: to === onlyHere ? [] : [`@${to}`] },
      ...(first && directory.trim() !== '' ? { directory: directory.trim() } : {}),
    });
  };
  return (
    <FormDialog
      title={t('vault.lending.lendTitle')}
      description={t('vault.lending.lendText')}
      submit={t('vault.lending.lendDo')}
      busy={lend.isPending}
      error={lend.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('vault.lending.name')}
        hint={t('vault.lending.nameHint')}
        error={tried && !named ? t('vault.lending.nameWrong') : undefined}
        required
      >
        {(control) => (
          <Input
            {...control}
            autoFocus
            dir="ltr"
            className="font-mono text-sm"
            value={name}
            onChange={(e) => setName(e.target.value)}
          />
        )}
      </Field>
      <Field
        label={t('vault.rooms.gib')}
        error={tried && bytes === null ? t('vault.lending.least') : undefined}
        required
      >
        {(control) => <Input {...control} inputMode="decimal" value={gib} onChange={(e) => setGib(e.target.value)} />}
      </Field>
      <Field label={t('vault.lending.to')} {...(to === onlyHere ? {} : { hint: t('vault.lending.toHint') })}>
        {(control) => (
          <Select
            {...control}
            value={to}
            onChange={setTo}
            options={[
              { value: onlyHere, label: t('vault.lending.onlyHere') },
              ...people.map(({ id, petname }) => ({ value: id as string, label: petname })),
            ]}
          />
        )}
      </Field>
      <Field label={t('vault.lending.mode')}>
        {(control) => (
          <Select
            {...control}
            value={mode}
            onChange={setMode}
            options={[
              { value: 'user', label: t('vault.lending.modeIs.user') },
              { value: 'seq', label: t('vault.lending.modeIs.seq') },
            ]}
          />
        )}
      </Field>
      {first && (
        <Field label={t('vault.lending.directory')} hint={t('vault.lending.directoryHint')} optional>
          {(control) => (
            <Input
              {...control}
              dir="ltr"
              className="font-mono text-sm"
              value={directory}
              onChange={(e) => setDirectory(e.target.value)}
            />
          )}
        </Field>
      )}
    </FormDialog>
  );
}
