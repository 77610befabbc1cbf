import { type ReactNode, Suspense, useEffect, useState } from 'react';
import { ConsentDialog } from '../features/consent/consent-dialog.tsx';
import { LockScreen } from '../features/identity/lock-screen.tsx';
import { useAgentQuery } from '../lib/agent/hooks.ts';
import { useAgent, useLink } from '../lib/agent/provider.tsx';
import { useT } from '../lib/i18n.ts';
import { Button } from '../ui/button.tsx';
import { ErrorPanel } from '../ui/error-panel.tsx';
import { HyphaDrawing } from '../ui/hypha-drawing.tsx';
import { lazyPage } from './lazy-page.ts';
import { OfflineKeeper } from './offline-keeper.tsx';
import { usePreferences } from './preferences.ts';
import { PresenceKeeper } from './presence-keeper.tsx';

const Onboarding = lazyPage(async () => (await import('../features/onboarding/onboarding.tsx')).Onboarding);
const KeylessScreen = lazyPage(async () => (await import('../features/identity/keyless-screen.tsx')).KeylessScreen);
const DamagedScreen = lazyPage(async () => (await import('../features/identity/damaged-screen.tsx')).DamagedScreen);

/**
 * What comes before the rooms: connecting, being refused, first run, a damaged keystore, a device without keys, the lock. Everything below may
 * take for granted that there was an answer from the agent, and that it is unlocked or was left empty on purpose.
 *
 * A question to the person is asked over all of it: whoever asks waits for this window, whatever it shows.
 */
export function Gate({ children }: { children: ReactNode }) {
  const everReady = useEverReady(useLink().phase === 'ready');
  return (
    <>
      <Passage everReady={everReady}>{children}</Passage>
      {everReady && <ConsentDialog />}
    </>
  );
}

function Passage({ everReady, children }: { everReady: boolean; children: ReactNode }) {
  const t = useT();
  const { link } = useAgent();
  const state = useLink();
  const identity = useAgentQuery('identity.status', {}, { enabled: everReady });
  const settings = useAgentQuery('system.settings', {}, { enabled: everReady });
  usePreferences(settings.data);
  const firstRun = settings.data?.onboarded === false;
  // Identity and vault may have been made by the command line: then there is nothing to welcome anybody to.
  const [keylessSeen, setKeylessSeen] = useState(false);
  // A vault that comes back in the first run is there before all of it is said.
  const [held, setHeld] = useState(false);
  const vault = useAgentQuery('vault.status', {}, { enabled: firstRun && identity.data?.state === 'unlocked' });

  if (state.phase === 'refused') {
    return (
      <Alone title={t('frame.refused.title')}>
        <ErrorPanel error={state.failure} onRetry={() => link.retryNow()} />
      </Alone>
    );
  }
  if (!identity.data || !settings.data) {
    const error = identity.error ?? settings.error;
    if (state.phase === 'away') {
      return (
        <Alone title={t('frame.away.first')}>
          <ErrorPanel
            error={state.failure}
            actions={<Button onClick={() => link.retryNow()}>{t('frame.away.retry')}</Button>}
          />
        </Alone>
      );
    }
    if (error && error.code !== 'DISCONNECTED') {
      return (
        <Alone title={t('frame.away.first')}>
          <ErrorPanel error={error} onRetry={() => void Promise.all([identity.refetch(), settings.refetch()])} />
        </Alone>
      );
    }
    return <Splash text={t('frame.connecting')} />;
  }
  const { data: status } = identity;
  const waiting = <Splash text={t('frame.connecting')} />;
  if (status.state === 'damaged') {
    return (
      <Suspense fallback={waiting}>
        <DamagedScreen status={status} />
      </Suspense>
    );
  }
  if (status.state === 'locked') {
    return (
      <>
        <OfflineKeeper unlocked={false} />
        <LockScreen status={status} />
      </>
    );
  }
  // A device that was added to a person’s others has nothing to set up: it has no keys to set a vault up with.
  if (status.state === 'keyless' && !keylessSeen) {
    return (
      <Suspense fallback={waiting}>
        <KeylessScreen status={status} onGoOn={() => setKeylessSeen(true)} />
      </Suspense>
    );
  }
  if (firstRun && status.state !== 'keyless' && (held || (vault.data?.state ?? 'none') === 'none')) {
    return (
      <Suspense fallback={waiting}>
        <Onboarding exists={status.state === 'unlocked'} onHold={() => setHeld(true)} />
      </Suspense>
    );
  }
  return (
    <>
      <OfflineKeeper unlocked={status.state === 'unlocked'} />
      {status.state === 'unlocked' && <PresenceKeeper />}
      {children}
    </>
  );
}

function useEverReady(ready: boolean): boolean {
  const [ever, setEver] = useState(ready);
  useEffect(() => {
    if (ready) setEver(true);
  }, [ready]);
  return ever || ready;
}

/** Nothing for a third of a second, for most starts are faster; then quiet words. */
function Splash({ text }: { text: string }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 350);
    return () => clearTimeout(timer);
  }, []);
  return (
    <main className="flex h-full flex-col items-center justify-center gap-4 text-ink-soft" aria-busy="true">
      {shown && (
        <>
          <HyphaDrawing className="appear w-24 text-accent" />
          <p role="status" className="appear text-sm">
            {text}
          </p>
        </>
      )}
    </main>
  );
}

function Alone({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex h-full overflow-y-auto px-4 py-8">
      <div className="m-auto w-full max-w-[520px]">
        <HyphaDrawing className="mb-6 w-24 text-accent" />
        <h1 className="mb-5 text-2xl font-semibold">{title}</h1>
        {children}
      </div>
    </main>
  );
}
