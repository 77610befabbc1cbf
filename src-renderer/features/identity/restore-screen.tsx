import { useState } from 'react';
import type { IdentityStatus } from '#shared/contract/identity.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { Protect } from '../onboarding/protect.tsx';
import { Restore } from '../onboarding/restore.tsx';

/** Back in with the 24 words: for a forgotten passphrase or a damaged keystore. The same person only. */
export function RestoreScreen({ status, onBack }: { status: IdentityStatus; onBack: () => void }) {
  const t = useT();
  const [words, setWords] = useState<string[] | null>(null);
  const [entering, setEntering] = useState(true);
  const restore = useAgentMutation('identity.restore', { quiet: true });
  if (entering || words === null) {
    return (
      <Restore
        words={words}
        error={restore.error}
        onBack={onBack}
        onNext={(next) => {
          restore.reset();
          setWords(next);
          setEntering(false);
        }}
      />
    );
  }
  return (
    <Protect
      withVault={false}
      withPassphrase
      busy={restore.isPending}
      error={restore.error}
      title={t('onboarding.again.title')}
      text={t('onboarding.again.text')}
      submitLabel={t('onboarding.protect.restore')}
      onBack={() => setEntering(true)}
      onSubmit={({ passphrase }) =>
        restore.mutate(
          { words, passphrase, name: status.person?.name ?? t('onboarding.again.unnamed') },
          {
            onError: (failure) => {
              if (failure.code === 'BAD_PHRASE' || failure.code === 'PHRASE_OF_ANOTHER') setEntering(true);
            },
          },
        )
      }
    />
  );
}
