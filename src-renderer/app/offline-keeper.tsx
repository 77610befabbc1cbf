import { useEffect } from 'react';
import { useAgent, useLink } from '../lib/agent/provider.tsx';
import { OfflineCache } from '../offline/cache.ts';

/** Fetches the cache's key when unlocked and drops it, with everything that holds names, when locked. */
export function OfflineKeeper({ unlocked }: { unlocked: boolean }) {
  const { link, queries, offline } = useAgent();
  const ready = useLink().phase === 'ready';
  useEffect(() => {
    if (!(offline instanceof OfflineCache)) return;
    if (!unlocked) {
      offline.lock();
      queries.removeQueries({
        predicate: (q) =>
          q.queryKey[0] === 'agent' && /^(vault\.|contacts\.|mesh\.message)/.test(String(q.queryKey[1])),
      });
    } else if (ready && !offline.open) {
      link
        .connection()
        .client['vault.cacheKey']({})
        .then(({ key }) => offline.unlock(new Uint8Array(key)))
        .catch(() => {}); // no vault yet, or locked meanwhile: then there is simply no cache
    }
  }, [unlocked, ready, link, queries, offline]);
  return null;
}
