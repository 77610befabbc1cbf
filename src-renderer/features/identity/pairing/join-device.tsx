import { useEffect, useRef, useState } from 'react';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { Button } from '../../../ui/button.tsx';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Field, Input } from '../../../ui/field.tsx';
import { State } from '../../../ui/state.tsx';
import { Protect } from '../../onboarding/protect.tsx';
import { StepFrame } from '../../onboarding/step-frame.tsx';
import { ShortCode } from './short-code.tsx';
import { usePairing } from './use-pairing.ts';

/** The side that is added: type where the other device waits, compare, and keep what it hands over. */
export function JoinDevice({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const t = useT();
  const { pairing, answering, answer, cancel } = usePairing();
  const join = useAgentMutation('pairing.join', { quiet: true });
  const protect = useAgentMutation('pairing.protect', { quiet: true });
  const [at, setAt] = useState('');
  const current = pairing?.role === 'join' ? pairing : null;
  const state = current?.state ?? 'idle';
  const told = useRef(false);
  useEffect(() => {
    if (state !== 'done' || told.current) return;
    told.current = true;
    onDone();
  }, [state, onDone]);
  const stop = () => {
    cancel();
    onBack();
  };
  if (current && state === 'comparing' && current.code !== null) {
    return (
      <StepFrame
        title={t('contacts.pairing.compare.title')}
        onSubmit={() => answer(current, true)}
        actions={
          <>
            <Button tone="primary" type="submit" busy={answering}>
              {t('contacts.pairing.compare.same')}
            </Button>
            <Button disabled={answering} onClick={() => answer(current, false)}>
              {t('contacts.pairing.compare.differs')}
            </Button>
          </>
        }
      >
        <ShortCode code={current.code} />
      </StepFrame>
    );
  }
  if (state === 'protecting') {
    return (
      <Protect
        withVault={false}
        withPassphrase
        busy={protect.isPending}
        error={protect.error}
        title={t('contacts.pairing.join.protectTitle')}
        text={t('contacts.pairing.join.protectText')}
        submitLabel={t('contacts.pairing.join.protect')}
        onSubmit={({ passphrase }) => protect.mutate({ passphrase })}
      />
    );
  }
  const under = state === 'calling' || state === 'waiting' || state === 'done';
  const failure = join.error ?? (state === 'failed' ? current?.failure : null);
  return (
    <StepFrame
      title={t('contacts.pairing.join.title')}
      text={t('contacts.pairing.join.text')}
      onSubmit={() => join.mutate({ at })}
      actions={
        <>
          <Button tone="primary" type="submit" busy={under || join.isPending} disabled={at.trim().length < 3}>
            {t('contacts.pairing.join.submit')}
          </Button>
          <Button onClick={stop}>{t('common.back')}</Button>
        </>
      }
    >
      {failure && !under && <ErrorPanel error={failure} />}
      <Field label={t('contacts.pairing.join.address')} hint={t('contacts.pairing.join.addressHint')} required>
        {(control) => (
          <Input
            {...control}
            autoFocus
            className="font-mono"
            value={at}
            disabled={under}
            onChange={(event) => setAt(event.target.value)}
          />
        )}
      </Field>
      {under && (
        <State tone="waiting">
          {state === 'calling' ? t('contacts.pairing.join.calling') : t('contacts.pairing.wait')}
        </State>
      )}
    </StepFrame>
  );
}
