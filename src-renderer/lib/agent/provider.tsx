import { type QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useSyncExternalStore } from 'react';
import type { AgentLink, LinkState } from './link.ts';
import { followEvents, type OfflineStore } from './query.ts';

export interface AgentEnvironment {
  link: AgentLink;
  queries: QueryClient;
  offline: OfflineStore | null;
}

const Context = createContext<AgentEnvironment | null>(null);

/** Gives the agent to everything below, keeps the connection up and the queries true. */
export function AgentProvider({ environment, children }: { environment: AgentEnvironment; children: ReactNode }) {
  const { link, queries } = environment;
  useEffect(() => {
    const unfollow = followEvents(link, queries);
    link.start();
    return () => {
      unfollow();
      link.stop();
    };
  }, [link, queries]);
  return (
    <Context value={environment}>
      <QueryClientProvider client={queries}>{children}</QueryClientProvider>
    </Context>
  );
}

export function useAgent(): AgentEnvironment {
  const environment = useContext(Context);
  if (!environment) throw new Error('useAgent needs an AgentProvider above it');
  return environment;
}

/** Connected, connecting, away or refused. */
export function useLink(): LinkState {
  const { link } = useAgent();
  return useSyncExternalStore(link.subscribe, () => link.state);
}
