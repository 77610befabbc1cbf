import { type FormEvent, useState } from 'react';
import { agentContract } from '#shared/contract/agent.ts';
import type { NameServer } from '#shared/contract/mesh/index.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useT } from '../../../lib/i18n.ts';
import { useWanted } from '../../../state/use-wanted.ts';
import { Button } from '../../../ui/button.tsx';
import { Switch } from '../../../ui/choice.tsx';
import { Copyable } from '../../../ui/copyable.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { Facts, Section } from '../../../ui/panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';

const { upstream: upstreamSchema } = agentContract['mesh.setNameServer'].input.shape;

/** Names of the mesh for programs that ask by DNS. */
export function NameServerSection() {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data: names, error, refetch } = useAgentQuery('mesh.nameServer', {});
  const change = useAgentMutation('mesh.setNameServer', { quiet: true });
  useWanted('mesh.setNameServer', () => document.getElementById('names')?.scrollIntoView());
  const on = change.isPending ? change.variables.on : (names?.on ?? false);
  const disabled = !ready || change.isPending;
  return (
    <div id="names">
      <Section title={t('mesh.names.title')}>
        {!names ? (
          error && error.code !== 'DISCONNECTED' ? (
            <ErrorPanel error={error} onRetry={() => void refetch()} />
          ) : (
            <Skeleton className="h-16" />
          )
        ) : (
          <div className="flex max-w-[760px] flex-col gap-4">
            <Switch
              checked={on}
              onChange={(wanted) => change.mutate({ on: wanted })}
              label={t('mesh.names.switch')}
              hint={t('mesh.names.hint')}
              disabled={disabled}
            />
            {names.detail && <p className="text-sm text-ink-soft">{names.detail}</p>}
            {change.error && <ErrorPanel error={change.error} />}
            {names.on && (
              <>
                {names.port !== null && (
                  <Facts
                    rows={[
                      {
                        label: t('mesh.names.at'),
                        value: <Copyable value={`127.0.0.1:${names.port}`} what={t('mesh.forwards.address')} whole />,
                      },
                    ]}
                  />
                )}
                <Upstream
                  key={names.upstream}
                  names={names}
                  disabled={disabled}
                  onSave={(upstream) => change.mutate({ on: true, upstream })}
                />
              </>
            )}
          </div>
        )}
      </Section>
    </div>
  );
}

function Upstream({
  names,
  disabled,
  onSave,
}: {
  names: NameServer;
  disabled: boolean;
  onSave: (upstream: string) => void;
}) {
  const t = useT();
  const [typed, setTyped] = useState(names.upstream);
  const [tried, setTried] = useState(false);
  const fits = upstreamSchema.safeParse(typed).success;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (fits) onSave(typed.trim());
  };
  return (
    <form noValidate onSubmit={submit}>
      <Field
        label={t('mesh.names.upstream')}
        hint={t('mesh.names.upstreamHint')}
        error={tried && !fits ? t('mesh.names.upstreamWrong') : undefined}
        optional
      >
        {(control) => (
          <div className="flex max-w-96 gap-2">
            <Input
              {...control}
              dir="ltr"
              className="font-mono text-sm!"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
            <Button type="submit" disabled={disabled || typed.trim() === names.upstream}>
              {t('common.save')}
            </Button>
          </div>
        )}
      </Field>
    </form>
  );
}
