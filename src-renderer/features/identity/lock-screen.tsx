import { Suspense, useEffect, useState } from 'react';
import type { IdentityStatus } from '#shared/contract/identity.ts';
import { lazyPage } from '../../app/lazy-page.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useNow } from '../../lib/clock.ts';
import { toFailure, useFailureText } from '../../lib/failure.ts';
import { formatDuration } from '../../lib/format.ts';
import { type MessageKey, useT } from '../../lib/i18n.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorPanel } from '../../ui/error-panel.tsx';
import { Field, PassphraseInput } from '../../ui/field.tsx';
import { IdentityMark } from '../../ui/identity-mark.tsx';
import { toast } from '../../ui/toast.tsx';
import { StepFrame } from '../onboarding/step-frame.tsx';

const RestoreScreen = lazyPage(async () => (await import('./restore-screen.tsx')).RestoreScreen);

const works: Record<IdentityStatus['worksWhileLocked'][number], MessageKey> = {
  mesh: 'onboarding.lock.mesh',
  hosting: 'onboarding.lock.hosting',
  machines: 'onboarding.lock.machines',
};
/** Failures said beside the field; others get the full panel. */
const short = new Set(['WRONG_PASSPHRASE', 'TOO_MANY_TRIES', 'BAD_INPUT']);

/** Locked: no names of files, no keys. Says what goes on meanwhile. */
export function LockScreen({ status }: { status: IdentityStatus }) {
  const t = useT();
  const textOf = useFailureText();
  useEffect(() => toast.clear(), []);
  const [passphrase, setPassphrase] = useState('');
  const [restoring, setRestoring] = useState(false);
  const unlock = useAgentMutation('identity.unlock', { quiet: true });
  const retryAt = retryAtOf(unlock.error?.data) ?? status.retryAt;
  const now = useNow(1000);
  const waitMs = retryAt === null ? 0 : Math.max(0, retryAt - now);
  if (restoring) {
    return (
      <Suspense fallback={null}>
        <RestoreScreen status={status} onBack={() => setRestoring(false)} />
      </Suspense>
    );
  }

  const failure = unlock.error && toFailure(unlock.error);
  const beside = failure && short.has(failure.code);
  return (
    <StepFrame
      title={t('onboarding.lock.title')}
      text={
        status.worksWhileLocked.length > 0
          ? t('onboarding.lock.works', { what: status.worksWhileLocked.map((w) => t(works[w])).join(', ') })
          : t('onboarding.lock.nothingWorks')
      }
      onSubmit={() => {
        if (passphrase === '' || waitMs > 0) return;
        unlock.mutate({ passphrase }, { onSettled: () => setPassphrase('') });
      }}
      actions={
        <>
          <Button tone="primary" type="submit" busy={unlock.isPending} disabled={waitMs > 0}>
            {waitMs > 0
              ? t('onboarding.lock.wait', { time: formatDuration(waitMs + 999) })
              : t('onboarding.lock.unlock')}
          </Button>
          <Button tone="quiet" onClick={() => setRestoring(true)}>
            {t('onboarding.lock.forgot')}
          </Button>
        </>
      }
    >
      {status.person && (
        <p className="flex items-center gap-3">
          <IdentityMark id={status.person.id} size={36} />
          <span className="font-medium">{status.person.name}</span>
        </p>
      )}
      {failure && !beside && <ErrorPanel error={failure} />}
      <Field
        label={t('onboarding.lock.passphrase')}
        error={beside ? `${textOf(failure).message} ${textOf(failure).next ?? ''}`.trim() : undefined}
      >
        {(control) => (
          <PassphraseInput
            {...control}
            autoFocus
            autoComplete="current-password"
            value={passphrase}
            onChange={(event) => setPassphrase(event.target.value)}
          />
        )}
      </Field>
    </StepFrame>
  );
}

function retryAtOf(data: Record<string, unknown> | undefined): number | null {
  return typeof data?.retryAt === 'number' ? data.retryAt : null;
}
