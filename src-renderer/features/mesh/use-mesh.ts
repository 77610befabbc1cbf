import { useMemo } from 'react';
import type { Route } from '#shared/contract/mesh/index.ts';
import { useAgentQuery } from '../../lib/agent/hooks.ts';

/** As many routes as the agent tells at once. */
export const mostRoutes = 5000;

/*
 * Counters and round trips change all the time, so these ask again while somebody looks. What changes by an act (a peer
 * added, a setting) comes with the `mesh` event, at once.
 */
export const useMeshStatus = () => useAgentQuery('mesh.status', {}, { everyMs: 3000 });
export const usePeers = (enabled = true) => useAgentQuery('mesh.peers', {}, { everyMs: 2000, enabled });
export const useAllRoutes = (enabled = true) =>
  useAgentQuery('mesh.routes', { limit: mostRoutes }, { everyMs: 10_000, enabled });

export interface Known {
  readonly address: string;
  readonly name: string | null;
}

const nobody: readonly Route[] = [];

/** Which node is at the other end of each peer, by endpoint, as far as routes tell. */
export function usePeerEnds(enabled = true): ReadonlyMap<string, Known> {
  const routes = useAllRoutes(enabled).data?.routes ?? nobody;
  return useMemo(
    () =>
      new Map(
        routes.filter((route) => route.direct).map(({ via, address, name }) => [via, { address, name }] as const),
      ),
    [routes],
  );
}
