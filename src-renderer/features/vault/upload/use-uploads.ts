import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { Out } from '../../../lib/agent/hooks.ts';
import type { AgentLink } from '../../../lib/agent/link.ts';
import { useAgent } from '../../../lib/agent/provider.tsx';
import { createUploadQueue, type UploadQueue, type UploadView } from './queue.ts';

/** One queue a link: it goes on while other rooms are looked at. */
const queues = new WeakMap<AgentLink, UploadQueue>();

function queueOf(link: AgentLink, queries: QueryClient): UploadQueue {
  const known = queues.get(link);
  if (known) return known;
  const queue = createUploadQueue({
    client: () => (link.state.phase === 'ready' ? link.state.connection.client : null),
    now: () => performance.now(),
    later: (ms, fire) => void setTimeout(fire, ms),
    random: () => Math.random(),
  });
  link.subscribe(() => {
    if (link.state.phase === 'ready') queue.release();
  });
  // Unlocked: the status strip of every room asks how the vault is, so this comes whichever room is looked at.
  queries.getQueryCache().subscribe(({ type, query }) => {
    if (type !== 'updated' || query.queryKey[1] !== 'vault.status') return;
    if (link.state.phase === 'ready' && (query.state.data as Out<'vault.status'> | undefined)?.state === 'ready') {
      queue.release();
    }
  });
  // Only the window can read these files: leaving it would cut them off, so the browser asks first. Electron would not ask
  // but refuse to close, without a word; closing its window only hides it.
  window.addEventListener('beforeunload', (event) => {
    if (!window.hyphaShell && queue.view().totals.left > 0) event.preventDefault();
  });
  queues.set(link, queue);
  return queue;
}

export function useUploadQueue(): UploadQueue {
  const { link, queries } = useAgent();
  return queueOf(link, queries);
}

/** The queue as it is now; redrawn at most ten times a second. */
export function useUploadView(): UploadView {
  const queue = useUploadQueue();
  return useSyncExternalStore(queue.subscribe, queue.view);
}
