import { Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import type { Machine } from '#shared/contract/machines.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useLink } from '../../../lib/agent/provider.tsx';
import { useOptionalT, useT } from '../../../lib/i18n.ts';
import { Button, IconButton } from '../../../ui/button.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, TextArea } from '../../../ui/field.tsx';
import { Section } from '../../../ui/panel.tsx';
import { keyListSchema, keyStates, keyWords } from '../keys/key-text.ts';
import { calledBy } from '../machine/address.ts';

/** Who may log in over SSH: keys are added and removed, and each says from when it counts. */
export function KeysSection({ machine }: { machine: Machine }) {
  const t = useT();
  const ready = useLink().phase === 'ready';
  const { data: images } = useAgentQuery('machines.images', {});
  const change = useAgentMutation('machines.configure', { quiet: true });
  const { spec, running } = machine;
  const cloud = images?.images.find((image) => image.id === spec.image)?.kind === 'cloud';
  const keys = keyStates(spec.sshKeys, running?.sshKeys ?? null);
  const note = cloud ? 'keysFixed' : running === null ? 'keysAtStart' : 'keysNextStart';
  return (
    <Section title={t('machines.settings.keys')} note={t(`machines.settings.${note}`)}>
      <div className="flex flex-col gap-4">
        {keys.length === 0 ? (
          <p className="text-sm text-ink-soft">{t('machines.settings.noKeys')}</p>
        ) : (
          <ul className="text-sm">
            {keys.map(({ key, state }) => {
              const words = keyWords(key);
              const name = words.name || t('machines.access.unnamed');
              return (
                <li key={key} className="flex items-center gap-3 border-b border-line py-1.5 last:border-b-0">
                  <div className="flex min-w-0 grow flex-wrap items-baseline gap-x-3">
                    <span className="min-w-0 break-words">{name}</span>
                    <span className="font-mono text-ink-soft">{words.short}</span>
                    {state !== 'now' && <span className="text-attention">{t(`machines.settings.key.${state}`)}</span>}
                  </div>
                  {!cloud && state !== 'until' && (
                    <IconButton
                      icon={Trash2}
                      size="small"
                      label={t('machines.settings.removeKey', { name })}
                      disabled={!ready || change.isPending}
                      onClick={() => change.mutate({ machine: calledBy(machine), removeSshKeys: [key] })}
                    />
                  )}
                </li>
              );
            })}
          </ul>
        )}
        {!cloud && (
          <AddKeys
            busy={change.isPending}
            disabled={!ready}
            onAdd={(addSshKeys) => change.mutateAsync({ machine: calledBy(machine), addSshKeys })}
          />
        )}
        {change.error && <ErrorPanel error={change.error} />}
      </div>
    </Section>
  );
}

function AddKeys({
  busy,
  disabled,
  onAdd,
}: {
  busy: boolean;
  disabled: boolean;
  onAdd: (keys: string[]) => Promise<unknown>;
}) {
  const t = useT();
  const optional = useOptionalT();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const read = keyListSchema.safeParse(text);
    const [problem, count] = read.error?.issues[0]?.message.split(':') ?? [];
    setWrong(problem && (optional(`machines.form.${problem}`, { count: count ?? 1 }) ?? problem));
    if (!read.success || read.data.length === 0) return;
    // What was refused stays, to be mended; the refusal itself is shown by the section.
    void onAdd(read.data).then(
      () => setText(''),
      () => {},
    );
  };
  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-2">
      <Field label={t('machines.settings.newKeys')} hint={t('machines.settings.newKeysHint')} error={wrong}>
        {(control) => (
          <TextArea
            {...control}
            rows={2}
            dir="ltr"
            className="font-mono text-sm"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setWrong(undefined);
            }}
          />
        )}
      </Field>
      <div>
        <Button type="submit" busy={busy} disabled={disabled || text.trim() === ''}>
          {t('machines.settings.addKeys')}
        </Button>
      </div>
    </form>
  );
}
