import { useState } from 'react';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { useT } from '../../../lib/i18n.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { VaultGate } from '../vault-gate.tsx';
import { VaultNav } from '../vault-nav.tsx';
import { Arrivals } from './arrivals.tsx';
import { GivenList } from './given-list.tsx';
import { LookIntoShare } from './look-into.tsx';
import { TakenList } from './taken-list.tsx';

export function SharesPage() {
  return (
    <VaultGate fixed width="full">
      {() => (
        <>
          <VaultNav here="shares" />
          <Shares />
        </>
      )}
    </VaultGate>
  );
}

/** What others share with the person, what they share with others and what came back through it; or one share from inside. */
function Shares() {
  const t = useT();
  const given = useAgentQuery('vault.shares', {});
  const taken = useAgentQuery('vault.sharedWithMe', {});
  const [open, setOpen] = useState<string | null>(null);
  const failed = given.error ?? taken.error;
  if (!given.data || !taken.data) {
    return failed && failed.code !== 'DISCONNECTED' ? (
      <ErrorPanel
        error={failed}
        onRetry={() => {
          void given.refetch();
          void taken.refetch();
        }}
      />
    ) : (
      <Skeleton className="h-40" />
    );
  }
  const into = taken.data.shares.find(({ id }) => id === open);
  if (into) return <LookIntoShare share={into} onBack={() => setOpen(null)} />;
  return (
    <div className="flex min-h-0 grow flex-col gap-8 overflow-y-auto">
      <section aria-label={t('vault.shares.withMe')}>
        <h2 className="pb-2 font-medium">{t('vault.shares.withMe')}</h2>
        <TakenList shares={taken.data.shares} onOpen={setOpen} />
      </section>
      <section aria-label={t('vault.shares.byMe')}>
        <h2 className="pb-2 font-medium">{t('vault.shares.byMe')}</h2>
        <GivenList shares={given.data.shares} />
      </section>
      {given.data.arrivals.length > 0 && (
        <section aria-label={t('vault.shares.arrivals')}>
          <h2 className="pb-2 font-medium">{t('vault.shares.arrivals')}</h2>
          <Arrivals arrivals={given.data.arrivals} />
        </section>
      )}
    </div>
  );
}
