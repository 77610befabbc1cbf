import { useState } from 'react';
import type { IdentityStatus } from '#shared/contract/identity.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { StepFrame } from '../onboarding/step-frame.tsx';
import { RestoreScreen } from './restore-screen.tsx';

/** A device that was added without the person's keys: what it can do, and how they come here. */
export function KeylessScreen({ status, onGoOn }: { status: IdentityStatus; onGoOn: () => void }) {
  const t = useT();
  const [restoring, setRestoring] = useState(false);
  if (restoring) return <RestoreScreen status={status} onBack={() => setRestoring(false)} />;
  return (
    <StepFrame
      title={t('contacts.keyless.title', { name: status.person?.name ?? '' })}
      text={t('contacts.keyless.text')}
      onSubmit={onGoOn}
      actions={
        <>
          <Button tone="primary" type="submit">
            {t('contacts.keyless.goOn')}
          </Button>
          <Button onClick={() => setRestoring(true)}>{t('contacts.keyless.restore')}</Button>
        </>
      }
    >
      <p>{t('contacts.keyless.can')}</p>
    </StepFrame>
  );
}
