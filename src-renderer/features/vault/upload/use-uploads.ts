import { useEffect, useSyncExternalStore } from 'react';
import { useAgentQuery } from '../../../lib/agent/hooks.ts';
import type { AgentLink } from '../../../lib/agent/link.ts';
import { useAgent, useLink } from '../../../lib/agent/provider.tsx';
import { createUploadQueue, type UploadQueue, type UploadView } from './queue.ts';

/** One queue a link: it goes on while other rooms are looked at. */
const queues = new WeakMap<AgentLink, UploadQueue>();

function queueOf(link: AgentLink): UploadQueue {
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
  // Only the window can read these files: leaving it would cut them off, so the browser asks first.
  window.addEventListener('beforeunload', (event) => {
    if (queue.view().totals.left > 0) event.preventDefault();
  });
  queues.set(link, queue);
  return queue;
}

export function useUploadQueue(): UploadQueue {
  return queueOf(useAgent().link);
}

/** The queue as it is now; redrawn at most ten times a second. */
export function useUploadView(): UploadView {
  const queue = useUploadQueue();
  const ready = useLink().phase === 'ready';
  const { data: status } = useAgentQuery('vault.status', {});
  useEffect(() => {
    if (ready && status?.state === 'ready') queue.release();
  }, [queue, ready, status?.state]);
  return useSyncExternalStore(queue.subscribe, queue.view);
}
