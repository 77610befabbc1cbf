import { useEffect } from 'react';
import { watchPresence } from '../lib/agent/presence.ts';
import { useAgent, useLink } from '../lib/agent/provider.tsx';

/** While unlocked: says that a person is at the interface. */
export function PresenceKeeper() {
  const { link } = useAgent();
  const ready = useLink().phase === 'ready';
  useEffect(() => {
    if (!ready) return;
    const tell = () =>
      void link
        .connection()
        .client['system.present']({})
        .catch(() => {}); // locked or away meanwhile
    return watchPresence(tell, { now: () => performance.now(), target: window });
  }, [ready, link]);
  return null;
}
