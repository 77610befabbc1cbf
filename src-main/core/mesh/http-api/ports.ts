import type { Mailbox } from '../mailbox/index.ts';

export interface NodeInfo {
  /** 16 bytes. */
  readonly address: Uint8Array;
  readonly publicKey: Uint8Array;
  /** As text, `4ab:…::/64`. */
  readonly subnet: string;
  /** Milliseconds since 1970 UTC. */
  readonly started: number;
}

export interface PeerInfo {
  readonly scheme: 'tcp' | 'tls' | 'quic';
  /** An address of the network below, not a name: the daemon's clients read nothing else. A peer known by name alone is left out. */
  readonly host: string;
  readonly port: number;
  readonly kind: 'static' | 'inbound' | 'linkLocalDiscovery';
  readonly state: 'alive' | 'connecting' | 'dead';
  readonly txBytes: number;
  readonly rxBytes: number;
  /** Milliseconds since it was first known, and since it was last connected; null for never. */
  readonly knownFor: number;
  readonly lastConnected: number | null;
}

export interface RouteInfo {
  /** As text. */
  readonly subnet: string;
  readonly scheme: 'tcp' | 'tls' | 'quic';
  /** Both ends of the link that it goes through, `address:port`; ours may be unknown. */
  readonly local: string | null;
  readonly remote: string;
  /** As the neighbour offers it, the link to the neighbour not counted; null for unreachable. */
  readonly metric: number | null;
  readonly seqno: number;
}

/** What the read-only half tells of the node, which may run in another thread. */
export interface NodeView {
  info(): Promise<NodeInfo>;
  peers(): Promise<readonly PeerInfo[]>;
  selectedRoutes(): Promise<readonly RouteInfo[]>;
  fallbackRoutes(): Promise<readonly RouteInfo[]>;
  /** Prefixes asked for now, and milliseconds until that is given up. */
  queriedSubnets(): Promise<readonly { readonly subnet: string; readonly remaining: number }[]>;
  /** Null when no route to the address is known. */
  publicKeyOf(address: Uint8Array): Promise<Uint8Array | null>;
}

export type MessagePort = Pick<Mailbox, 'send' | 'status' | 'borrow' | 'peek' | 'topicOf'>;

export interface HttpApiLimits {
  /** Bytes of a request's body; the daemon takes two MiB. */
  readonly body: number;
  readonly connections: number;
  /** Milliseconds for a request's head, and for all of it. */
  readonly head: number;
  readonly request: number;
  /** Milliseconds that a client may take nothing of its answer. */
  readonly stall: number;
}

export const defaultHttpApiLimits: HttpApiLimits = {
  body: 2 * 1024 * 1024,
  connections: 64,
  head: 5_000,
  request: 30_000,
  stall: 30_000,
};
