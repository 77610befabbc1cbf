import { useState } from 'react';
import { displayNameSchema } from '#shared/contract/identity.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { StepFrame } from './step-frame.tsx';

export interface WhoProps {
  name: string;
  at: { at: number; of: number };
  onNew: (name: string) => void;
  onRestore: (name: string) => void;
  onJoin: () => void;
  onSkip: () => void;
}

/** Screen one: a name, and whether there is a phrase already. */
export function Who({ name: given, at, onNew, onRestore, onJoin, onSkip }: WhoProps) {
  const t = useT();
  const [name, setName] = useState(given);
  const [error, setError] = useState<string>();
  const go = (then: (name: string) => void) => {
    const parsed = displayNameSchema.safeParse(name);
    if (parsed.success) then(parsed.data);
    else setError(name.trim() === '' ? t('onboarding.who.nameMissing') : t('onboarding.who.nameBad'));
  };
  return (
    <StepFrame
      at={at}
      title={t('onboarding.who.title')}
      text={t('onboarding.who.text')}
      onSubmit={() => go(onNew)}
      actions={
        <>
          <Button tone="primary" type="submit">
            {t('onboarding.who.new')}
          </Button>
          <Button onClick={() => go(onRestore)}>{t('onboarding.who.restore')}</Button>
          <Button onClick={onJoin}>{t('contacts.pairing.join.action')}</Button>
          <Button tone="quiet" onClick={onSkip}>
            {t('onboarding.who.skip')}
          </Button>
        </>
      }
    >
      <Field label={t('onboarding.who.name')} hint={t('onboarding.who.nameHint')} error={error} required>
        {(control) => (
          <Input
            {...control}
            autoFocus
            value={name}
            maxLength={64}
            onChange={(event) => {
              setName(event.target.value);
              setError(undefined);
            }}
          />
        )}
      </Field>
    </StepFrame>
  );
}
