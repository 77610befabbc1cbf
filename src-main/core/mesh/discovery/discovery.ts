import { parseAddress } from '../identity/ipv6-text.ts';
import type { Endpoint } from '../node/endpoint.ts';
import { decodeBeacon, encodeBeacon } from '../wire/beacon.ts';
import { publicKeyOf, type RouterId } from '../wire/router-id.ts';

/** Datagrams on the links this computer is on. */
export interface DatagramLink {
  /** Send to the group on every usable interface. */
  beacon(bytes: Uint8Array): void;
  close(): Promise<void>;
}

export interface DiscoveryDeps {
  readonly routerId: RouterId;
  /** The TCP port we listen on, told to others. */
  readonly port: number;
  /** @param receive gets each datagram with the address it came from, `fe80::1%eth0` */
  readonly open: (receive: (bytes: Uint8Array, from: string) => void) => Promise<DatagramLink>;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  /** Keep a link to this peer. @returns false when that is so already */
  readonly add: (endpoint: Endpoint) => boolean;
  /** Give a peer up. */
  readonly remove: (endpoint: Endpoint) => void;
  /** How often dialling this peer has failed in a row; 0 while there is a link. */
  readonly failures: (endpoint: Endpoint) => number;
}

/** Finds peers on the local network by the beacons they send, and sends ours. */
export interface Discovery {
  found(): Endpoint[];
  /** Send a beacon now: there may be others to hear it. */
  announce(): void;
  stop(): Promise<void>;
}

const interval = 60_000;
const givenUpAfter = 3;
/** Beacons are not authenticated: anyone on the network can make up any number of them. */
const mostFound = 64;

export async function startDiscovery(deps: DiscoveryDeps): Promise<Discovery> {
  const found = new Map<string, Endpoint>();
  const own = publicKeyOf(deps.routerId);
  let cancel: (() => void) | null = null;
  let stopped = false;

  const prune = (): void => {
    for (const [key, endpoint] of found) {
      if (deps.failures(endpoint) < givenUpAfter) continue;
      found.delete(key);
      deps.remove(endpoint);
    }
  };

  const link = await deps.open((bytes, from) => {
    const beacon = decodeBeacon(bytes);
    if (stopped || beacon === null || beacon.port === 0 || !isLinkLocal(from)) return;
    // Also ours from a run before this one, or over another interface.
    if (publicKeyOf(beacon.routerId).every((byte, i) => byte === own[i])) return;
    const endpoint: Endpoint = { scheme: 'tcp', host: from, port: beacon.port };
    const key = `${from} ${beacon.port}`;
    if (found.has(key)) return;
    if (found.size >= mostFound) prune();
    if (found.size < mostFound && deps.add(endpoint)) found.set(key, endpoint);
  });

  const announce = (): void => {
    cancel?.();
    prune();
    link.beacon(encodeBeacon({ port: deps.port, routerId: deps.routerId }));
    cancel = deps.setTimer(interval, announce);
  };
  announce();

  return {
    found: () => [...found.values()],
    announce,
    async stop() {
      stopped = true;
      cancel?.();
      await link.close();
    },
  };
}

/** In fe80::/64, with the interface it is on. */
function isLinkLocal(text: string): boolean {
  const [address = '', zone = ''] = text.split('%');
  const bytes = parseAddress(address);
  if (bytes === null || zone === '') return false;
  return bytes[0] === 0xfe && bytes[1] === 0x80 && bytes.subarray(2, 8).every((byte) => byte === 0);
}
