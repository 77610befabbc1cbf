import { useState } from 'react';
import type { MeshStatus } from '#shared/contract/mesh/index.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { Field, Input, PassphraseInput } from '../../../ui/field.tsx';
import { FormDialog } from '../../../ui/form-dialog.tsx';
import { Section } from '../../../ui/panel.tsx';

/** The public network, or one of its own whose nodes share a key. */
export function PrivateNetwork({ status }: { status: MeshStatus }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const [open, setOpen] = useState(false);
  const back = useAgentMutation('mesh.usePrivateNetwork');
  useWanted('mesh.usePrivateNetwork', () => setOpen(status.privateNetworks));
  const { privateNetwork: name } = status.settings;
  return (
    <Section title={t('mesh.private.title')} note={t('mesh.private.note')}>
      {name !== '' && <p className="pb-3 text-sm">{t('mesh.private.now', { name })}</p>}
      {status.privateNetworks ? (
        <div className="flex flex-wrap gap-2">
          <Button disabled={!ready} onClick={() => setOpen(true)}>
            {t(name === '' ? 'mesh.private.use' : 'mesh.private.other')}
          </Button>
          {name !== '' && (
            <Button disabled={!ready} busy={back.isPending} onClick={() => back.mutate({ name: '' })}>
              {t('mesh.private.back')}
            </Button>
          )}
        </div>
      ) : (
        <p className="text-sm text-ink-soft">{t('mesh.private.cannot')}</p>
      )}
      {open && <PrivateDialog onClose={() => setOpen(false)} />}
    </Section>
  );
}

function PrivateDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  const [name, setName] = useState('');
  const [key, setKey] = useState('');
  const [tried, setTried] = useState(false);
  const use = useAgentMutation('mesh.usePrivateNetwork', {
    quiet: true,
    done: (input) => t('mesh.private.done', { name: input.name }),
    onDone: onClose,
  });
  const nameFits = /^[\w][\w .-]{1,63}$/.test(name.trim());
  const keyFits = /^[0-9a-fA-F]{64}$/.test(key.trim());
  const submit = () => {
    setTried(true);
    if (nameFits && keyFits) use.mutate({ name: name.trim(), key: key.trim() });
  };
  return (
    <FormDialog
      title={t('mesh.private.use')}
      description={t('mesh.private.text')}
      submit={t('mesh.private.submit')}
      busy={use.isPending}
      error={use.error}
      onSubmit={submit}
      onClose={onClose}
    >
      <Field
        label={t('mesh.private.name')}
        hint={t('mesh.private.nameHint')}
        error={tried && !nameFits ? t('mesh.private.nameWrong') : undefined}
        required
      >
        {(control) => (
          <Input {...control} autoFocus maxLength={64} value={name} onChange={(event) => setName(event.target.value)} />
        )}
      </Field>
      <Field
        label={t('mesh.private.key')}
        hint={t('mesh.private.keyHint')}
        error={tried && !keyFits ? t('mesh.private.keyWrong') : undefined}
        required
      >
        {(control) => <PassphraseInput {...control} value={key} onChange={(event) => setKey(event.target.value)} />}
      </Field>
    </FormDialog>
  );
}
