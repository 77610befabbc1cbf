import { useState } from 'react';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import { ErrorPanel } from '../../../ui/error-panel.tsx';
import { Skeleton } from '../../../ui/skeleton.tsx';
import { VaultGate } from '../vault-gate.tsx';
import { VaultNav } from '../vault-nav.tsx';
import { Contents } from './contents.tsx';
import { Timeline } from './timeline.tsx';

export function SnapshotsPage() {
  return (
    <VaultGate fixed width="full">
      {() => (
        <>
          <VaultNav here="snapshots" />
          <Snapshots />
        </>
      )}
    </VaultGate>
  );
}

/** All snapshots, or what one of them holds. */
function Snapshots() {
  const { data, error, refetch } = useAgentQuery('vault.snapshots', {});
  const [open, setOpen] = useState<number | null>(null);
  if (!data) {
    return error && error.code !== 'DISCONNECTED' ? (
      <ErrorPanel error={error} onRetry={() => void refetch()} />
    ) : (
      <Skeleton className="h-40" />
    );
  }
  const snapshot = data.snapshots.find(({ number }) => number === open);
  return snapshot ? (
    <Contents snapshot={snapshot} onBack={() => setOpen(null)} />
  ) : (
    <Timeline snapshots={data.snapshots} policy={data.policy} onOpen={setOpen} />
  );
}
