import { useState } from 'react';
import type { IdentityStatus } from '#shared/contract/identity.ts';
import { useAgentQuery } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { StepFrame } from '../onboarding/step-frame.tsx';
import { RestoreScreen } from './restore-screen.tsx';

/** The keystore file cannot be read: what that means, and the two ways on. */
export function DamagedScreen({ status }: { status: IdentityStatus }) {
  const t = useT();
  const [restoring, setRestoring] = useState(false);
  const { data: info } = useAgentQuery('system.info', {});
  if (restoring) return <RestoreScreen status={status} onBack={() => setRestoring(false)} />;
  return (
    <StepFrame
      title={t('onboarding.damaged.title')}
      text={t('onboarding.damaged.meaning')}
      onSubmit={() => setRestoring(true)}
      actions={
        <Button tone="primary" type="submit">
          {t('onboarding.damaged.restore')}
        </Button>
      }
    >
      <p>{t('onboarding.damaged.copy')}</p>
      {info && <Copyable value={info.home} what={t('onboarding.damaged.directory')} whole />}
    </StepFrame>
  );
}
