import { isMulticast, isUnspecified, sameAddress } from '../ip/address.ts';
import { u8 } from '../ip/bytes.ts';
import { decodeIcmp, encodeIcmp } from '../ip/icmpv6.ts';
import { DESTINATION_AT, nextHeader, SOURCE_AT, walkHeaders } from '../ip/ipv6.ts';

/*
 * Neighbor discovery (RFC 4861), as much as the router at the other end of one cable needs. Bodies after type, code and checksum:
 *
 *   133 router solicitation    4 reserved (4), 8 options
 *   134 router advertisement   4 hop limit (1), flags (1), router lifetime (2), 8 reachable time (4), 12 retransmit timer (4), 16 options
 *   135 neighbor solicitation  4 reserved (4), 8 target (16), 24 options
 *   136 neighbor advertisement 4 flags (1: router, solicited, override), reserved (3), 8 target (16), 24 options
 *
 * Options: type (1), length (1) in units of 8 bytes, data: 1 source link-layer address, 2 target link-layer address, 3 prefix, 5 MTU.
 * All of them come with hop limit 255, which proves that no router passed them on.
 */
const SOLICIT_ROUTER = 133;
const SOLICIT_NEIGHBOR = 135;
const ADVERTISE_NEIGHBOR = 136;

/** What a frame's packet is to a router that ends neighbor discovery here. */
export type Neighborly =
  /** An ordinary packet: to be passed on. */
  | { readonly kind: 'packet' }
  /** Link-local chatter: nothing to do. `lost`: it was for others, and is of a kind that is not carried. */
  | { readonly kind: 'ignore'; readonly lost?: 'fragment' | 'malformed' }
  /** To be sent back. */
  | { readonly kind: 'answer'; readonly packet: Uint8Array }
  /** The guest asks whether an address is free (RFC 4862 section 5.4): it means to use it. */
  | { readonly kind: 'claims'; readonly address: Uint8Array };

export interface RouterLink {
  /** The router's own MAC and link-local address on this cable. */
  readonly mac: Uint8Array;
  readonly address: Uint8Array;
  readonly mtu: number;
  /** The /64 that a guest which asks for a router may make its address from. */
  readonly prefix?: Uint8Array;
  /** What lies behind this router (RFC 4191), at most 64 bits long. */
  readonly route?: { readonly prefix: Uint8Array; readonly length: number };
}

const allNodes = new Uint8Array(16);
allNodes.set([0xff, 0x02]);
allNodes[15] = 1;

/** Judge one IPv6 packet from the guest. */
export function neighborly(link: RouterLink, packet: Uint8Array): Neighborly {
  const walk = walkHeaders(packet);
  const local = isMulticast(packet, DESTINATION_AT) || u8(packet, DESTINATION_AT) === 0xfe;
  if (walk.kind === 'drop') {
    return local ? { kind: 'ignore' } : { kind: 'ignore', lost: walk.why === 'fragment' ? 'fragment' : 'malformed' };
  }
  if (walk.kind === 'problem' || walk.protocol !== nextHeader.icmp) return { kind: local ? 'ignore' : 'packet' };
  const type = u8(packet, walk.start);
  if (type < SOLICIT_ROUTER || type > 137) return { kind: local ? 'ignore' : 'packet' };
  const message = u8(packet, 7) === 255 ? decodeIcmp(packet, walk.start, walk.end) : null;
  if (message === null || message.code !== 0) return { kind: 'ignore' };
  if (message.type === SOLICIT_ROUTER)
    return { kind: 'answer', packet: routerAdvertisement(link, link.prefix ?? null) };
  // The body begins after the 4 bytes that every message has in `word`.
  if (message.type !== SOLICIT_NEIGHBOR || message.body.length < 16) return { kind: 'ignore' };
  const target = message.body.slice(0, 16);
  if (isUnspecified(packet, SOURCE_AT)) return { kind: 'claims', address: target };
  if (!sameAddress(target, link.address)) return { kind: 'ignore' };
  const to = packet.slice(SOURCE_AT, SOURCE_AT + 16);
  return { kind: 'answer', packet: advertisement(link, target, to, 0xe000_0000) };
}

/**
 * "That address is taken": to a guest that asks whether it is free. To all nodes, because who asks has no address yet; not solicited
 * (RFC 4861 section 7.2.4).
 */
export function addressTaken(link: RouterLink, target: Uint8Array): Uint8Array {
  return advertisement(link, target, allNodes, 0xa000_0000);
}

/** "This address is at my MAC". @param flags router, solicited, override */
function advertisement(link: RouterLink, target: Uint8Array, to: Uint8Array, flags: number): Uint8Array {
  const body = new Uint8Array(24);
  body.set(target, 0);
  body.set([2, 1], 16);
  body.set(link.mac, 18);
  return local(link, to, { type: ADVERTISE_NEIGHBOR, code: 0, word: flags, body });
}

/**
 * Router advertisement: the MTU and our MAC; where a prefix is given, also that the guest may make its address from it, but that nobody on it
 * is on the same cable (A without L), so that everything passes through us. Lifetime 0: no default router, the guest's own
 * way to the internet stays; what does lie behind us is told by a route information option (RFC 4191 section 2.3: type 24, length,
 * prefix length, preference, lifetime (4), prefix (8)).
 */
export function routerAdvertisement(link: RouterLink, prefix: Uint8Array | null): Uint8Array {
  const { route } = link;
  const routeAt = 24 + (prefix === null ? 0 : 32);
  const body = new Uint8Array(routeAt + (route === undefined ? 0 : 16));
  body.set([5, 1, 0, 0, link.mtu >>> 24, link.mtu >>> 16, link.mtu >>> 8, link.mtu], 8);
  body.set([1, 1], 16);
  body.set(link.mac, 18);
  if (prefix !== null) {
    body.set([3, 4, 64, 0x40, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], 24);
    body.set(prefix.subarray(0, 8), 40);
  }
  if (route !== undefined) {
    body.set([24, 2, route.length, 0, 0xff, 0xff, 0xff, 0xff], routeAt);
    body.set(route.prefix.subarray(0, 8), routeAt + 8);
  }
  return local(link, allNodes, { type: 134, code: 0, word: 0x4000_0000, body });
}

/** Ask whether the guest at `target` is there; its answer proves that it is our socket that is served. */
export function neighborSolicitation(link: RouterLink, target: Uint8Array): Uint8Array {
  const body = new Uint8Array(24);
  body.set(target, 0);
  body.set([1, 1], 16);
  body.set(link.mac, 18);
  return local(link, target, { type: SOLICIT_NEIGHBOR, code: 0, word: 0, body });
}

function local(
  link: RouterLink,
  destination: Uint8Array,
  message: { type: number; code: number; word: number; body: Uint8Array },
): Uint8Array {
  return encodeIcmp({ source: link.address, destination, hopLimit: 255 }, message);
}
