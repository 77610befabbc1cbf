import { useState } from 'react';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Field, Input } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { readPort, readTarget } from './ports.ts';

export function AddForwardDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [target, setTarget] = useState('');
  const [port, setPort] = useState('');
  const [local, setLocal] = useState('');
  const [tried, setTried] = useState(false);
  const add = useAgentMutation('mesh.forward', {
    quiet: true,
    done: (_, { forward }) => t('mesh.forwards.added', { port: forward.localPort ?? '–' }),
    onDone: onClose,
  });
  const who = readTarget(target);
  const there = readPort(port);
  const here = local.trim() === '' ? undefined : readPort(local);
  const submit = () => {
    setTried(true);
    if (who === null || there === null || here === null) return;
    add.mutate({ target: who, port: there, ...(here === undefined ? {} : { localPort: here }) });
  };
  return (
    <FormDialog
      title={t('mesh.forwards.add')}
      description={t('mesh.forwards.text')}
      submit={t('mesh.forwards.submit')}
      busy={add.isPending}
      error={add.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('mesh.forwards.who')}
        hint={t('mesh.target.hint')}
        error={tried && who === null ? t('mesh.target.wrong') : undefined}
        required
      >
        {(control) => (
          <Input
            {...control}
            autoFocus
            dir="ltr"
            className="font-mono text-sm!"
            value={target}
            onChange={(event) => setTarget(event.target.value)}
          />
        )}
      </Field>
      <div className="grid grid-cols-1 gap-4 min-[480px]:grid-cols-2">
        <Field
          label={t('mesh.forwards.port')}
          hint={t('mesh.forwards.portHint')}
          error={tried && there === null ? t('mesh.port.wrong') : undefined}
          required
        >
          {(control) => (
            <Input {...control} inputMode="numeric" value={port} onChange={(event) => setPort(event.target.value)} />
          )}
        </Field>
        <Field
          label={t('mesh.forwards.local')}
          hint={t('mesh.forwards.localHint')}
          error={tried && here === null ? t('mesh.port.wrong') : undefined}
          optional
        >
          {(control) => (
            <Input {...control} inputMode="numeric" value={local} onChange={(event) => setLocal(event.target.value)} />
          )}
        </Field>
      </div>
    </FormDialog>
  );
}
