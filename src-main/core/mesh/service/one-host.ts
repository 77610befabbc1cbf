import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Fail, fail } from '#shared/rpc/fail.ts';
import { parseAddress } from '../identity/ipv6-text.ts';

/** What a host stands for that is not one computer; null where it may be one. */
type Many = 'any' | 'group' | 'all' | null;

/**
 * @param host as in an endpoint: a name, an IPv4 address in any spelling that systems read, or an IPv6 address with or without a zone
 * @param broadcasts of the networks that this computer is in
 */
export function manyHosts(host: string, broadcasts: readonly string[]): Many {
  const spelled = asUrlHost(host);
  const v6 = parseAddress(spelled);
  const mapped = v6?.subarray(0, 12).join() === mappedPrefix ? v6.subarray(12).join('.') : null;
  const v4 = mapped ?? (isIPv4(spelled) ? spelled : null);
  if (v4 !== null) {
    const [first = 0] = v4.split('.').map(Number);
    // RFC 1122, 3.2.1.3: all of network 0 means "this".
    if (first === 0) return 'any';
    if (v4 === '255.255.255.255' || broadcasts.includes(v4)) return 'all';
    return first >= 224 && first < 240 ? 'group' : null;
  }
  if (v6 === null) return null;
  if (v6.every((byte) => byte === 0)) return 'any';
  return v6[0] === 0xff ? 'group' : null;
}

/** An IPv4 address within an IPv6 one. */
const mappedPrefix = '0,0,0,0,0,0,0,0,0,0,255,255';

/** In the one spelling: systems read `0`, `0x7f.1` and `::ffff:1.2.3.4` as the WHATWG's URL does. As it was where that cannot. */
function asUrlHost(host: string): string {
  const address = host.replace(/%.*$/, '');
  const url = `http://${address.includes(':') ? `[${address}]` : address}/`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : address;
}

const meanings = {
  any: 'It stands for any address at all.',
  group: 'It is a group’s address (multicast), and belongs to no computer.',
  all: 'It means all computers of a network at once (broadcast).',
} as const;

/** @throws Fail NOT_ONE_HOST */
export function mustBeOneHost(host: string, broadcasts: readonly string[] = ownBroadcasts()): void {
  const many = manyHosts(host, broadcasts);
  if (many !== null) throw notOne(host, meanings[many]);
}

const notOne = (host: string, meaning: string): Fail =>
  fail('NOT_ONE_HOST', `${host} is not the address of another computer. ${meaning}`, {
    meaning: 'Nothing was changed.',
    next: 'Give the address or the name of one computer, like tcp://peer.example:9651.',
  });

function ownBroadcasts(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .flatMap(({ family, address, netmask }) => (family === 'IPv4' ? broadcastOf(address, netmask) : []));
}

/** None in networks of one or two addresses (RFC 3021). */
export function broadcastOf(address: string, netmask: string): string[] {
  const [bytes, mask] = [address, netmask].map((text) => text.split('.').map(Number));
  if ((mask?.[3] ?? 255) >= 254) return [];
  return [(bytes ?? []).map((byte, i) => byte | (~(mask?.[i] ?? 255) & 255)).join('.')];
}
