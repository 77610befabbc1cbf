import { useEffect, useRef, useState } from 'react';
import type { Failure } from '#shared/rpc/fail.ts';
import { useAgentMutation } from '../../lib/agent/hooks.ts';
import { useT } from '../../lib/i18n.ts';
import { JoinDevice } from '../identity/pairing/join-device.tsx';
import { Check } from './check.tsx';
import { back, type Flow, startOf, stepNumber, wordsAtStake } from './flow.ts';
import { Protect } from './protect.tsx';
import { Restore } from './restore.tsx';
import { useUnloadQuestion } from './use-unload-question.ts';
import { VaultBack } from './vault-back.tsx';
import { Who } from './who.tsx';
import { Words } from './words.tsx';

const nameKey = 'hypha.onboarding.name';
/** Which words were shown in this tab: not the words, but what the agent calls them while it holds them. */
const draftKey = 'hypha.onboarding.draft';
/** Failures whose cause is on another screen than the last. */
const phraseFailures = new Set(['BAD_PHRASE', 'BAD_SHARES', 'PHRASE_OF_ANOTHER']);

export interface OnboardingProps {
  /** The identity was made already, perhaps before a reload: only the vault is left. */
  exists: boolean;
  /** The vault is about to come back: stay until the person goes on, though there is one then. */
  onHold?: () => void;
}

/**
 * First run, at most four screens: who you are, your words, check three, passphrase and vault. Words live in memory
 * only. After a reload the agent shows the same words again while it holds them; later it has others, and the person is
 * told that the paper is worthless. Ends by marking the agent as onboarded.
 */
export function Onboarding({ exists, onHold }: OnboardingProps) {
  const t = useT();
  const [flow, setFlow] = useState<Flow>(() =>
    startOf(sessionStorage.getItem(nameKey) ?? '', exists, sessionStorage.getItem(draftKey) !== null),
  );
  const [error, setError] = useState<Failure | null>(null);
  /** This computer is to become another device of somebody, who is here. */
  const [joining, setJoining] = useState(false);
  const draft = useAgentMutation('identity.draft', { quiet: true });
  const create = useAgentMutation('identity.create', { quiet: true });
  const restore = useAgentMutation('identity.restore', { quiet: true });
  const fromShares = useAgentMutation('shares.restore', { quiet: true });
  const setup = useAgentMutation('vault.setup', { quiet: true });
  const configure = useAgentMutation('system.configure', { quiet: true });
  const at = stepNumber(flow);
  const busy = create.isPending || restore.isPending || fromShares.isPending || setup.isPending || configure.isPending;

  useEffect(() => sessionStorage.setItem(nameKey, flow.name), [flow.name]);
  useUnloadQuestion(wordsAtStake(flow));

  const go = (change: Partial<Flow>) => {
    setError(null);
    setFlow((old) => ({ ...old, ...change }));
  };
  const makeDraft = () => {
    const seen = sessionStorage.getItem(draftKey);
    draft.mutate(seen === null ? {} : { draft: seen }, {
      onSuccess: (made) => {
        sessionStorage.setItem(draftKey, made.draft);
        const again = seen === null ? null : seen === made.draft ? 'same' : 'other';
        setFlow((old) => ({ ...old, draft: made, again }));
      },
    });
  };
  const resumed = useRef(flow.step === 'words');
  useEffect(() => {
    if (!resumed.current) return;
    resumed.current = false;
    makeDraft();
  });
  const finish = async () => {
    await configure.mutateAsync({ onboarded: true });
    sessionStorage.removeItem(nameKey);
  };
  const finishWithVault = async (vault: boolean) => {
    if (vault) {
      await setup.mutateAsync({}).catch((failure: Failure) => {
        if (failure.code !== 'ALREADY_EXISTS') throw failure;
      });
    }
    await finish();
  };
  const protect = async ({ passphrase, vault }: { passphrase: string; vault: boolean }) => {
    setError(null);
    const { name, answers } = flow;
    try {
      const { typed } = flow;
      if (flow.way === 'restore' && typed !== null && 'shares' in typed) {
        await fromShares.mutateAsync({ name, passphrase, shares: [...typed.shares] });
      } else if (flow.way === 'restore') {
        await restore.mutateAsync({ name, passphrase, words: typed && 'words' in typed ? [...typed.words] : [] });
      } else {
        await create.mutateAsync({
          name,
          passphrase,
          draft: flow.draft?.draft ?? '',
          ...(answers ? { answers: [...answers] } : {}),
        });
      }
      sessionStorage.removeItem(draftKey);
      // From here on a failure must not ask for the identity again: it exists.
      // From here on a vault may be there at any moment.
      const back = flow.way === 'restore' && flow.kit !== '';
      setFlow((old) => ({ ...old, step: back ? 'back' : 'place', typed: null }));
      if (back) {
        onHold?.();
        return;
      }
      await finishWithVault(vault);
    } catch (caught) {
      const failure = caught as Failure;
      if (failure.code === 'DRAFT_EXPIRED') {
        // The words' own screen says that there are others now.
        setFlow((old) => ({ ...old, step: 'words', draft: null, answers: null }));
        makeDraft();
        return;
      }
      setError(failure);
      if (phraseFailures.has(failure.code)) setFlow((old) => ({ ...old, step: 'restore' }));
    }
  };

  if (joining) return <JoinDevice onDone={() => void finish().catch(setError)} onBack={() => setJoining(false)} />;

  switch (flow.step) {
    case 'who':
      return (
        <Who
          name={flow.name}
          at={at}
          onNew={(name) => {
            go({ name, way: 'new', step: 'words' });
            if (!flow.draft) makeDraft();
          }}
          onRestore={(name) => go({ name, way: 'restore', step: 'restore' })}
          onJoin={() => setJoining(true)}
          onSkip={() => void finish().catch(setError)}
        />
      );
    case 'words':
      return (
        <Words
          draft={flow.draft}
          again={flow.again}
          error={draft.error ?? error}
          at={at}
          onRetry={makeDraft}
          onNext={() => go({ step: 'check' })}
          onSkip={() => go({ step: 'protect', answers: null })}
          onBack={() => setFlow(back)}
        />
      );
    case 'check':
      return flow.draft ? (
        <Check
          draft={flow.draft}
          at={at}
          onNext={(answers) => go({ step: 'protect', answers })}
          onSkip={() => go({ step: 'protect', answers: null })}
          onBack={() => setFlow(back)}
        />
      ) : null;
    case 'restore':
      return (
        <Restore
          typed={flow.typed}
          kit={flow.kit}
          error={error}
          at={at}
          onNext={(typed, kit) => go({ typed, kit, step: 'protect' })}
          onBack={() => go({ step: 'who' })}
        />
      );
    case 'protect':
      return (
        <Protect
          at={at}
          withVault={flow.kit === '' || flow.way === 'new'}
          restoring={flow.way === 'restore'}
          withPassphrase
          busy={busy}
          error={error}
          title={t('onboarding.protect.title')}
          text={t('onboarding.protect.text')}
          submitLabel={flow.way === 'restore' ? t('onboarding.protect.restore') : t('onboarding.protect.create')}
          onSubmit={protect}
          onBack={() => setFlow(back)}
        />
      );
    case 'back':
      return <VaultBack kit={flow.kit} busy={busy} error={error} onDone={() => void finish().catch(setError)} />;
    case 'place':
      return (
        <Protect
          withVault
          withPassphrase={false}
          busy={busy}
          error={error}
          title={t('onboarding.place.title')}
          text={t('onboarding.place.text')}
          submitLabel={t('onboarding.place.submit')}
          onSubmit={() => void finishWithVault(true).catch(setError)}
          onSkip={() => void finish().catch(setError)}
        />
      );
  }
}
