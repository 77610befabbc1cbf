import { silentLog } from '#core/testing/silent-log.ts';
import { prefixText } from '../../identity/ipv6-text.ts';
import { type MailboxNode, startMailboxNode } from '../../mailbox/testing/mailbox-node.ts';
import { infinite } from '../../router/metric.ts';
import { subnetOf } from '../../wire/prefix.ts';
import { createHttpApi, type HttpApiLimits, type NodeView, type RouteInfo } from '../index.ts';

/** A node with a mailbox and the HTTP interface on a port of loopback. */
export interface ApiNode extends MailboxNode {
  readonly apiPort: number;
  /** Topics that may be used; empty to begin with. */
  readonly allowed: Uint8Array[];
  /** Its answer to a request below `/api/v1`. */
  ask(path: string, init?: RequestInit): Promise<{ status: number; type: string | null; body: unknown }>;
  post(path: string, body: unknown): Promise<{ status: number; type: string | null; body: unknown }>;
}

export async function startApiNode(limits: Partial<HttpApiLimits> = {}): Promise<ApiNode> {
  const base = await startMailboxNode();
  const { mailbox, node } = base;
  const allowed: Uint8Array[] = [];
  const { publicKey } = node.self;
  const api = createHttpApi({
    mailbox,
    publicKey,
    limits,
    node: viewOf(base),
    topics: () => allowed,
    log: silentLog,
  });
  const apiPort = await api.start(0);
  const ask: ApiNode['ask'] = async (path, init) => {
    const response = await fetch(`http://127.0.0.1:${apiPort}/api/v1${path}`, init);
    const text = await response.text();
    const type = response.headers.get('content-type');
    return { status: response.status, type, body: type === 'application/json' ? JSON.parse(text) : text };
  };
  return {
    ...base,
    ...{ apiPort, allowed, ask },
    post: (path, body) =>
      ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    async stop() {
      await api.stop();
      await base.stop();
    },
  };
}

/** What the interface tells of a node in the same thread. */
function viewOf({ node }: MailboxNode): NodeView {
  const routes = (selected: boolean): RouteInfo[] =>
    [...node.router.routes()].flatMap((known) =>
      known.entries
        .filter((entry) => (entry === known.selected) === selected)
        .map((entry) => {
          const peer = node.peers().find((one) => one.peer === entry.link.peer);
          return {
            ...{ subnet: prefixText(known.prefix), scheme: 'tcp' as const, local: null },
            ...{ remote: peer?.endpoint.replace('tcp://', '') ?? '', seqno: entry.seqno },
            metric: entry.metric === infinite ? null : entry.metric,
          };
        }),
    );
  return {
    info: async () => ({ ...node.self, subnet: prefixText(node.self.subnet), started: 1_700_000_000_123 }),
    peers: async () =>
      node.peers().map(({ endpoint, direction, txBytes, rxBytes }) => {
        const { hostname, port } = new URL(endpoint.replace('tcp:', 'http:'));
        return {
          ...{ scheme: 'tcp' as const, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port), txBytes, rxBytes },
          ...{ kind: direction === 'inbound' ? ('inbound' as const) : ('static' as const), state: 'alive' as const },
          ...{ knownFor: 61_000, lastConnected: 60_000 },
        };
      }),
    selectedRoutes: async () => routes(true),
    fallbackRoutes: async () => routes(false),
    queriedSubnets: async () => [],
    publicKeyOf: async (address) => {
      const route = node.router.routesTo(subnetOf(address))?.selected;
      return route == null ? null : Uint8Array.from(Buffer.from(route.routerId.key.slice(0, 64), 'hex'));
    },
  };
}
