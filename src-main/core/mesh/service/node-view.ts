import { fail } from '#shared/rpc/fail.ts';
import type { EngineThread } from '../engine/engine-thread.ts';
import type { EngineRoute } from '../engine/protocol.ts';
import type { NodeView, PeerInfo, RouteInfo } from '../http-api/index.ts';
import { prefixText } from '../identity/ipv6-text.ts';
import { parseEndpoint } from '../node/endpoint.ts';
import { contains, prefixOf, subnetOf } from '../wire/prefix.ts';
import type { Self } from './post.ts';

export interface NodeViewDeps {
  /** @throws Fail MESH_OFF */
  readonly thread: () => EngineThread;
  readonly self: () => Self | null;
  /** Milliseconds since 1970, when the node was started; null while it does not run. */
  readonly startedAt: () => number | null;
  readonly added: () => readonly string[];
}

/** The node as the read-only half of the HTTP API tells of it. */
export function createNodeView({ thread, self, startedAt, added }: NodeViewDeps): NodeView {
  const routes = async (selected: boolean): Promise<RouteInfo[]> => {
    const { call } = thread();
    const [all, { peers }] = await Promise.all([call.routes(), call.status()]);
    const endpoints = new Map(peers.map(({ peer, endpoint }) => [peer, endpoint]));
    return all
      .filter((route) => route.selected === selected)
      .map((route) => ({
        subnet: prefixText(prefixOf(route.prefix, route.length)),
        scheme: 'tcp',
        local: null,
        remote: (endpoints.get(route.peer) ?? '').replace('tcp://', ''),
        metric: route.metric,
        seqno: route.seqno,
      }));
  };
  return {
    async info() {
      const node = self();
      if (node === null) throw fail('BUSY', 'The mesh node does not run.', { next: 'Join the mesh first.' });
      const { address, publicKey } = node;
      return { address, publicKey, subnet: prefixText(subnetOf(address)), started: startedAt() ?? 0 };
    },
    async peers() {
      const { peers, dialling, found } = await thread().call.status();
      const mine = new Set(added());
      const kindOf = (endpoint: string, inbound: boolean): PeerInfo['kind'] => {
        if (inbound) return 'inbound';
        return found.includes(endpoint) && !mine.has(endpoint) ? 'linkLocalDiscovery' : 'static';
      };
      const linked = peers.flatMap(({ endpoint, direction, age, rxBytes, txBytes }) =>
        view(endpoint, {
          kind: kindOf(endpoint, direction === 'inbound'),
          ...{ state: 'alive' as const, rxBytes, txBytes, knownFor: age, lastConnected: age },
        }),
      );
      const known = new Set(peers.map(({ endpoint }) => endpoint));
      const others = dialling
        .filter(({ endpoint }) => !known.has(endpoint))
        .flatMap(({ endpoint, state }) =>
          view(endpoint, {
            kind: kindOf(endpoint, false),
            ...{ state: state === 'waiting' ? ('dead' as const) : ('connecting' as const), rxBytes: 0, txBytes: 0 },
            ...{ knownFor: 0, lastConnected: null },
          }),
        );
      return [...linked, ...others];
    },
    selectedRoutes: () => routes(true),
    fallbackRoutes: () => routes(false),
    async queriedSubnets() {
      const queries = await thread().call.queries();
      return queries.map(({ prefix, length, remaining }) => ({
        subnet: prefixText(prefixOf(prefix, length)),
        remaining,
      }));
    },
    async publicKeyOf(address) {
      const node = self();
      if (node !== null && contains(subnetOf(node.address), address)) return node.publicKey;
      const holds = (route: EngineRoute): boolean => contains(prefixOf(route.prefix, route.length), address);
      return (await thread().call.routes()).find((route) => route.selected && holds(route))?.publicKey ?? null;
    },
  };
}

function view(text: string, more: Omit<PeerInfo, 'scheme' | 'host' | 'port'>): PeerInfo[] {
  const endpoint = parseEndpoint(text);
  return endpoint === null ? [] : [{ scheme: 'tcp', host: endpoint.host, port: endpoint.port, ...more }];
}
