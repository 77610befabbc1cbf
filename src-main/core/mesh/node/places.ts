import { parseAddress } from '../identity/ipv6-text.ts';
import { prefixOf } from '../wire/prefix.ts';

/*
 * Places for connections that others make to us, counted from the moment the system hands one over: a handshake that is never finished and
 * a link on which nothing is said hold a place like any other.
 */

export interface PlaceLimits {
  /** For all together. */
  readonly total: number;
  /** For one remote address: an IPv4 address, or the /64 of an IPv6 one, in which a single computer can have any address. */
  readonly perAddress: number;
  /** For one address of this computer's loopback. */
  readonly perLoopback: number;
}

/**
 * 64 for one address leaves room for what hides many behind one (offices, providers that share out an address), and 15 such for others.
 *
 * Loopback has no quota: what comes from there are programs on this computer, among them proxies and tunnels behind which
 * stand many others, and a program that means harm here has nearer ways.
 */
export const defaultPlaceLimits: PlaceLimits = {
  total: 1000,
  perAddress: 64,
  perLoopback: Number.POSITIVE_INFINITY,
};

/** A /48 is what one customer gets at most: 65,536 /64s. */
const siteBits = 48;
const siteShare = 4;
/**
 * Of all places. On a local network anybody can take any number of link-local addresses, so these are counted one by one, since neighbours of one network
 * share their /64, and all together.
 */
const linkLocalShare = 0.25;

export interface Places {
  /** @param address as the system names the other side @returns what gives the place back; null when there is none */
  take(address: string): (() => void) | null;
  taken(): number;
}

interface Group {
  readonly key: string;
  readonly most: number;
}

export function createPlaces(limits: Partial<PlaceLimits> = {}): Places {
  const all = { ...defaultPlaceLimits, ...limits };
  const counts = new Map<string, number>();
  let taken = 0;
  return {
    take(address) {
      const groups = groupsOf(address, all);
      if (groups === null || taken >= all.total) return null;
      if (groups.some(({ key, most }) => (counts.get(key) ?? 0) >= most)) return null;
      for (const { key } of groups) counts.set(key, (counts.get(key) ?? 0) + 1);
      taken++;
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        taken--;
        for (const { key } of groups) {
          const left = (counts.get(key) ?? 1) - 1;
          if (left === 0) counts.delete(key);
          else counts.set(key, left);
        }
      };
    },
    taken: () => taken,
  };
}

/** What the address counts to; null when it is none (the other side is gone already). */
function groupsOf(address: string, { total, perAddress, perLoopback }: PlaceLimits): Group[] | null {
  const v4 = address.startsWith('::ffff:') ? address.slice(7) : address;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(v4)) {
    if (v4.startsWith('127.')) return [{ key: v4, most: perLoopback }];
    const one = { key: v4, most: perAddress };
    return v4.startsWith('169.254.') ? [one, linkLocal(total)] : [one];
  }
  const bytes = parseAddress(address.replace(/%.*$/, ''));
  if (bytes === null) return null;
  if (bytes.every((byte, i) => byte === (i === 15 ? 1 : 0))) return [{ key: address, most: perLoopback }];
  // fe80::/10
  if (bytes[0] === 0xfe && ((bytes[1] as number) & 0xc0) === 0x80) {
    return [{ key: address, most: perAddress }, linkLocal(total)];
  }
  return [
    { key: prefixOf(bytes, 64).key, most: perAddress },
    { key: prefixOf(bytes, siteBits).key, most: perAddress * siteShare },
  ];
}

function linkLocal(total: number): Group {
  return { key: 'link-local', most: Math.ceil(total * linkLocalShare) };
}
