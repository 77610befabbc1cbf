import { networkInterfaces } from 'node:os';
import { toHex } from '#core/crypto/ids.ts';
import type { MeshStatus } from '#shared/contract/mesh/index.ts';
import type { EngineStatus } from '../engine/protocol.ts';
import { addressText, prefixText } from '../identity/ipv6-text.ts';
import { endpointText } from '../node/endpoint.ts';
import { subnetOf } from '../wire/prefix.ts';
import type { KeeperState } from './keeper.ts';
import type { MeshStore } from './store.ts';

export interface StatusParts {
  readonly state: KeeperState;
  readonly engine: EngineStatus | null;
  readonly store: MeshStore;
  readonly hasIdentity: boolean;
  readonly privateNetworks: boolean;
  /** Who the node is, whether it runs or not; null before an identity exists. */
  readonly self: { readonly address: Uint8Array; readonly publicKey: Uint8Array } | null;
}

export function statusOf({ state, engine, store, hasIdentity, privateNetworks, self }: StatusParts): MeshStatus {
  const settings = store.settings();
  const listening = state.kind === 'on' ? state.started.listening : null;
  const known = new Set([...store.peers(), ...(engine?.dialling.map(({ endpoint }) => endpoint) ?? [])]);
  const inbound = engine?.peers.filter(({ direction }) => direction === 'inbound').length ?? 0;
  return {
    state: settings.joined && !hasIdentity ? 'no-identity' : state.kind,
    detail: state.kind === 'failed' ? state.detail : state.kind === 'on' ? state.started.detail : '',
    settings,
    address: self === null ? null : addressText(self.address),
    subnet: self === null ? null : prefixText(subnetOf(self.address)),
    publicKey: self === null ? null : toHex(self.publicKey),
    listening,
    endpoints: listening === null ? [] : endpointsOf(listening),
    privateNetworks,
    peers: { connected: engine?.peers.length ?? 0, known: known.size + inbound },
    routes: engine?.routes ?? 0,
    received: engine?.received ?? 0,
    sent: engine?.sent ?? 0,
    startedAt: state.kind === 'on' ? state.since : null,
  };
}

/** Where a peer may find this computer: its addresses but loopback and those of one link, IPv4 first since most know theirs. */
function endpointsOf(port: number): string[] {
  const all = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^fe80:/i.test(address));
  const sorted = all.toSorted((a, b) => a.family.localeCompare(b.family));
  return sorted.map(({ address }) => endpointText({ scheme: 'tcp', host: address, port }));
}
