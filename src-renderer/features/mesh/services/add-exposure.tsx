import { useState } from 'react';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Segments } from '../../../ui/choice.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { Notice } from '../../../ui/panel.tsx';
import { NamesField } from './names-field.tsx';
import { readPort, readTargets } from './ports.ts';

/** Nobody may connect unless they are named here: the list begins empty, and without it there is no offer. */
export function AddExposureDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [local, setLocal] = useState('');
  const [port, setPort] = useState('');
  const [who, setWho] = useState<'named' | 'everybody'>('named');
  const [names, setNames] = useState('');
  const [tried, setTried] = useState(false);
  const add = useAgentMutation('mesh.expose', {
    quiet: true,
    done: (input) => t('mesh.offers.added', { port: input.localPort }),
    onDone: onClose,
  });
  const here = readPort(local);
  const there = port.trim() === '' ? undefined : readPort(port);
  const allow = who === 'everybody' ? ['everybody'] : readTargets(names);
  const submit = () => {
    setTried(true);
    if (here === null || there === null || allow === null) return;
    add.mutate({ localPort: here, allow, ...(there === undefined ? {} : { port: there }) });
  };
  return (
    <FormDialog
      title={t('mesh.offers.add')}
      description={t('mesh.offers.text')}
      submit={t(who === 'everybody' ? 'mesh.offers.submitAll' : 'mesh.offers.submit')}
      busy={add.isPending}
      error={add.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <div className="grid grid-cols-1 gap-4 min-[480px]:grid-cols-2">
        <Field
          label={t('mesh.offers.local')}
          hint={t('mesh.offers.localHint')}
          error={tried && here === null ? t('mesh.port.wrong') : undefined}
          required
        >
          {(control) => (
            <Input
              {...control}
              autoFocus
              inputMode="numeric"
              value={local}
              onChange={(event) => setLocal(event.target.value)}
            />
          )}
        </Field>
        <Field
          label={t('mesh.offers.port')}
          hint={t('mesh.offers.portHint')}
          error={tried && there === null ? t('mesh.port.wrong') : undefined}
          optional
        >
          {(control) => (
            <Input {...control} inputMode="numeric" value={port} onChange={(event) => setPort(event.target.value)} />
          )}
        </Field>
      </div>
      <div className="flex flex-col gap-1.5">
        <span className="text-sm font-medium">{t('mesh.offers.who')}</span>
        <div>
          <Segments
            label={t('mesh.offers.who')}
            value={who}
            onChange={setWho}
            options={[
              { value: 'named', label: t('mesh.offers.named') },
              { value: 'everybody', label: t('mesh.offers.all') },
            ]}
          />
        </div>
      </div>
      {who === 'named' ? (
        <NamesField
          label={t('mesh.offers.names')}
          hint={t('mesh.offers.namesHint')}
          error={tried && allow === null ? t('mesh.offers.namesWrong') : undefined}
          value={names}
          onChange={setNames}
        />
      ) : (
        <Notice tone="attention">{t('mesh.offers.allWarning')}</Notice>
      )}
    </FormDialog>
  );
}
