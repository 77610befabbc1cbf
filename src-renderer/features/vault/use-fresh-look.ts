import { useEffect, useRef } from 'react';
import type { VaultStatus } from '#shared/contract/vault.ts';
import { useAgent, useLink } from '../../lib/agent/provider.tsx';

/**
 * Disks come and go without anybody telling the agent; it looks when it is asked. Whoever opens the vault or comes
 * back to its window therefore asks how the places are, and everything else once the answer differs.
 */
export function useFreshLook(status: VaultStatus | undefined): void {
  const { queries } = useAgent();
  const ready = useLink().phase === 'ready';
  useEffect(() => {
    if (!ready) return;
    const look = () => {
      if (document.visibilityState === 'hidden') return;
      const names = new Set<unknown>(['vault.status', 'vault.places']);
      void queries.invalidateQueries({ predicate: (query) => names.has(query.queryKey[1]) });
    };
    look();
    window.addEventListener('focus', look);
    document.addEventListener('visibilitychange', look);
    return () => {
      window.removeEventListener('focus', look);
      document.removeEventListener('visibilitychange', look);
    };
  }, [queries, ready]);

  const seen = status && [status.safety, status.missingShards, status.atRisk, status.damaged].join();
  const before = useRef(seen);
  useEffect(() => {
    const known = before.current;
    before.current = seen;
    if (known === undefined || known === seen) return;
    void queries.invalidateQueries({
      predicate: ({ queryKey }) => String(queryKey[1]).startsWith('vault.') && queryKey[1] !== 'vault.status',
    });
  }, [queries, seen]);
}
