import { useState } from 'react';
import type { IdentityStatus } from '#shared/contract/identity.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Protect } from '../onboarding/protect.tsx';
import { Restore, type Typed } from '../onboarding/restore.tsx';

/** Back in with the 24 words: for a forgotten passphrase or a damaged keystore. The same person only. */
export function RestoreScreen({ status, onBack }: { status: IdentityStatus; onBack: () => void }) {
  const t = useT();
  const [typed, setTyped] = useState<Typed | null>(null);
  const [entering, setEntering] = useState(true);
  const restore = useAgentMutation('identity.restore', { quiet: true });
  const fromShares = useAgentMutation('shares.restore', { quiet: true });
  const error = restore.error ?? fromShares.error;
  if (entering || typed === null) {
    return (
      <Restore
        typed={typed}
        error={error}
        onBack={onBack}
        onNext={(next) => {
          restore.reset();
          fromShares.reset();
          setTyped(next);
          setEntering(false);
        }}
      />
    );
  }
  return (
    <Protect
      withVault={false}
      withPassphrase
      busy={restore.isPending || fromShares.isPending}
      error={error}
      title={t('onboarding.again.title')}
      text={t('onboarding.again.text')}
      submitLabel={t('onboarding.protect.restore')}
      onBack={() => setEntering(true)}
      onSubmit={({ passphrase }) => {
        const about = { passphrase, name: status.person?.name ?? t('onboarding.again.unnamed') };
        const onError = (failure: Failure) => {
          if (['BAD_PHRASE', 'BAD_SHARES', 'PHRASE_OF_ANOTHER'].includes(failure.code)) setEntering(true);
        };
        if ('words' in typed) restore.mutate({ ...about, words: [...typed.words] }, { onError });
        else fromShares.mutate({ ...about, shares: [...typed.shares] }, { onError });
      }}
    />
  );
}
