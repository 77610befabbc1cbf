import {
  type MeshStatus,
  meshStatusSchema,
  type Peer,
  peerSchema,
  type Route,
  routeSchema,
  type TrafficSample,
} from '#shared/contract/mesh/index.ts';
import { moment } from './samples.ts';

/** A wave that looks like traffic and is the same each time. */
const wave = (i: number, base: number) => Math.max(0, base * (1 + Math.sin(i / 5) + 0.6 * Math.sin(i / 1.7 + base)));

export function meshPeer(endpoint: string, more: Partial<Peer> = {}): Peer {
  const busy = 4000 + endpoint.length * 900;
  return {
    ...peerSchema.parse({
      endpoint,
      reason: null,
      direction: 'outbound',
      origin: 'added',
      state: 'connected',
      transport: 'tcp',
      rtt: 12.4,
      cost: 14,
      connectedAt: moment - 3_600_000,
      received: 48_211_004,
      sent: 9_120_771,
      dropped: 0,
      failures: 0,
      traffic: Array.from({ length: 60 }, (_, i) => ({ received: wave(i, busy), sent: wave(i + 9, busy / 3) })),
    }),
    ...more,
  };
}

export function meshRoute(address: string, via: string, cost: number, more: Partial<Route> = {}): Route {
  return {
    ...routeSchema.parse({
      prefix: `${address.split(':').slice(0, 4).join(':').replace(/:+$/, '')}::/64`,
      address,
      publicKey: address.replace(/[^0-9a-f]/g, '').padEnd(64, '7'),
      via,
      cost,
      direct: false,
      selected: true,
      name: null,
    }),
    ...more,
  };
}

const hex = (n: number) => n.toString(16);
/** An address of the mesh that belongs to a number. */
export const addressOf = (n: number): string =>
  `4${hex((n * 37) % 256).padStart(2, '0')}:${hex((n * 7919) % 65_521)}:${hex((n * 104_729) % 65_521)}:${hex(n + 1)}::${hex((n * 31) % 65_521)}`;

/** So many nodes behind these peers, more behind the first, at costs from near to the far side of the world. */
export function manyRoutes(peers: readonly Peer[], count: number): Route[] {
  const connected = peers.filter((peer) => peer.state === 'connected');
  const direct = connected.map((peer, i) =>
    meshRoute(addressOf(10_000 + i), peer.endpoint, peer.cost ?? 10, {
      direct: true,
      name: ['ann', 'attic', null, 'ben'][i % 4] ?? null,
    }),
  );
  const beyond = Array.from({ length: connected.length === 0 ? 0 : count }, (_, i) => {
    const peer = connected[Math.floor(connected.length * ((i * 0.618) % 1) ** 1.7)];
    const cost = Math.round((peer?.cost ?? 10) + 8 + 260 * ((i * 0.7548) % 1) ** 2);
    return meshRoute(addressOf(i), peer?.endpoint ?? '', cost, i % 41 === 0 ? { name: `node-${i}` } : {});
  });
  return [...direct, ...beyond];
}

export const somePeers: Peer[] = [
  meshPeer('tcp://192.168.1.23:9651', { origin: 'found', rtt: 0.62, cost: 1 }),
  meshPeer('tcp://attic.example:9651', { rtt: 11.8, cost: 13 }),
  meshPeer('tcp://[2a01:4f9:c010:8f8::1]:9651', { origin: 'public', rtt: 34.2, cost: 37 }),
  meshPeer('tcp://[2001:41d0:8:ad55::1]:9651', { origin: 'public', rtt: 48.9, cost: 52, transport: 'tls' }),
  meshPeer('tcp://203.0.113.77:51822', { origin: 'inbound', direction: 'inbound', rtt: 81, cost: 90, dropped: 12 }),
  meshPeer('tcp://old-laptop.example:9651', {
    state: 'waiting',
    reason: 'Nobody accepts connections there.',
    rtt: null,
    cost: null,
    connectedAt: null,
    received: 0,
    sent: 0,
    failures: 7,
    traffic: [],
  }),
];

export const meshOff: MeshStatus = meshStatusSchema.parse({
  state: 'off',
  detail: '',
  settings: {},
  address: '4a2:b1c3:99f0:7d21:5a8e:12c4:e0b7:93fd',
  subnet: '4a2:b1c3:99f0:7d21::/64',
  publicKey: 'c3'.repeat(32),
  listening: null,
  endpoints: [],
  privateNetworks: false,
  peers: { connected: 0, known: 0 },
  routes: 0,
  received: 0,
  sent: 0,
  startedAt: null,
});

export const meshOn: MeshStatus = {
  ...meshOff,
  state: 'on',
  settings: { ...meshOff.settings, joined: true },
  listening: 9651,
  endpoints: ['tcp://192.168.1.4:9651', 'tcp://[2001:db8:7::4]:9651', 'tcp://[fe80::1%eth0]:9651'],
  peers: { connected: 5, known: 6 },
  routes: 812,
  received: 1_204_882_113,
  sent: 331_004_202,
  startedAt: moment - 3 * 3_600_000,
};

export const traffic: TrafficSample[] = Array.from({ length: 300 }, (_, i) => ({
  at: moment - (300 - i) * 2000,
  received: wave(i / 3, 42_000),
  sent: wave(i / 3 + 40, 14_000),
}));
