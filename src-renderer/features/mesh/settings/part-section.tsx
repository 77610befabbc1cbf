import { type FormEvent, useState } from 'react';
import type { MeshStatus } from '#shared/contract/mesh/index.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { Switch } from '../../../ui/choice.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Section } from '../../../ui/panel.tsx';
import { readPort } from '../services/ports.ts';

const switches = ['publicPeers', 'discovery', 'listen', 'answerPings', 'requireSessions'] as const;

/** Each switch counts at once. */
export function PartSection({ status }: { status: MeshStatus }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const change = useAgentMutation('mesh.configure', { quiet: true });
  // Shown as asked until the answer is there, so that the switch does not jump back under the finger.
  const asked = change.isPending ? change.variables : {};
  const disabled = !ready || change.isPending;
  return (
    <Section className="border-t-0 pt-0" title={t('mesh.settings.title')}>
      <div className="flex flex-col gap-5">
        {switches.map((name) => (
          <Switch
            key={name}
            checked={asked[name] ?? status.settings[name]}
            onChange={(on) => change.mutate({ [name]: on })}
            label={t(`mesh.settings.${name}`)}
            hint={t(`mesh.settings.${name}Hint`)}
            disabled={disabled}
          />
        ))}
        <PortForm
          key={status.settings.port}
          status={status}
          disabled={disabled}
          onSave={(port) => change.mutate({ port })}
        />
        {change.error && <ErrorPanel error={change.error} />}
      </div>
    </Section>
  );
}

function PortForm({
  status,
  disabled,
  onSave,
}: {
  status: MeshStatus;
  disabled: boolean;
  onSave: (port: number) => void;
}) {
  const t = useT();
  const [typed, setTyped] = useState(String(status.settings.port));
  const [tried, setTried] = useState(false);
  const port = readPort(typed);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (port !== null) onSave(port);
  };
  return (
    <form noValidate onSubmit={submit} className="flex items-end gap-2">
      <Field
        label={t('mesh.settings.port')}
        hint={
          status.listening === null
            ? t('mesh.settings.portIdle')
            : t('mesh.settings.portOpen', { port: status.listening })
        }
        error={tried && port === null ? t('mesh.port.wrong') : undefined}
      >
        {(control) => (
          <div className="flex gap-2">
            <Input
              {...control}
              inputMode="numeric"
              className="w-28!"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <Button type="submit" disabled={disabled || port === status.settings.port}>
              {t('common.save')}
            </Button>
          </div>
        )}
      </Field>
    </form>
  );
}
