import { z } from 'zod';
import { meansEverybody } from './mesh-share.ts';

/*
 * One opening in a machine's firewall, as people write it:
 *
 *   PROTOCOL[/PORT[-PORT]] [from PEER[,PEER...]]
 *
 * PROTOCOL is tcp, udp, icmp (being pinged) or any; a port alone or a range for tcp and udp, none for all ports. PEER is an IPv6 address or
 * a prefix of the mesh, or somebody's name, as in `ann` or `ann.hypha`; `everybody` alone, or no `from`, is everybody on the mesh. A
 * contact is kept as `@ID`, so that the opening is theirs whatever they are called later. Examples: `tcp/22 from ann`, `icmp`,
 * `udp/8000-8100 from 4a1:2::/64`, `any from 4a1:2:3:4::1`.
 */

export interface FirewallRule {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'any';
  /** First and last destination port; null for all. */
  readonly ports: { readonly first: number; readonly last: number } | null;
  /** As they were written; empty for everybody. See {@link peerKind}. */
  readonly peers: readonly string[];
}

const form = /^(tcp|udp|icmp|any)(?:\/([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?)?(?: from ([^\s,]+(?:, ?[^\s,]+)*))?$/;
/** In the place of a name: all there are. */
export const everybody = 'everybody';
/** Before a contact's id. No name begins with it. */
export const contactMark = '@';
export const mostPeers = 32;
/** Rules that one machine's firewall takes. */
export const mostOpenings = 64;
/** Without zone and without an IPv4 tail, as the mesh reads addresses (src-main/core/mesh/identity/ipv6-text.ts). */
const address = z.ipv6().regex(/^[0-9a-f:]+$/i);
const name = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?\.?$/i;
/** Written as a name it would be one, and is meant as an address that is not on the mesh. */
const ipv4 = /^\d+(\.\d+){3}$/;
const contact = /^@[A-Za-z0-9_-]{1,64}$/;

/** What somebody in a rule is; null for a text that is nobody. An address has a colon, a name has none. */
export function peerKind(text: string): 'address' | 'contact' | 'name' | null {
  if (contact.test(text)) return 'contact';
  if (!text.includes(':')) return name.test(text) && !ipv4.test(text) ? 'name' : null;
  const [head = '', bits, ...rest] = text.split('/');
  if (rest.length > 0 || !address.safeParse(head).success) return null;
  return bits === undefined || (/^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= 128) ? 'address' : null;
}

/** The rule that a text says; null when it says none. */
export function parseFirewallRule(text: string): FirewallRule | null {
  const found = form.exec(text.trim());
  if (found === null) return null;
  const [, protocol, low, high = low, from] = found;
  const peers = from === undefined || from === everybody ? [] : from.split(/, ?/);
  // Beside others it would be one that nobody reads.
  if (peers.length > mostPeers || peers.includes(everybody) || peers.some((peer) => peerKind(peer) === null))
    return null;
  const [first, last] = [Number(low), Number(high)];
  const hasPorts = low !== undefined;
  if (hasPorts && (first > last || last > 65_535 || protocol === 'icmp' || protocol === 'any')) return null;
  return {
    protocol: protocol as FirewallRule['protocol'],
    ports: hasPorts ? { first, last } : null,
    peers,
  };
}

/** The text of a rule with these peers in the place of its own. */
export function withPeers(text: string, peers: readonly string[]): string {
  const [what = ''] = text.trim().split(' ');
  return peers.length === 0 ? what : `${what} from ${peers.join(',')}`;
}

/** Whether everybody on the mesh may come in by it: said by naming nobody, or by prefixes that together are as wide as the mesh. */
export const isForEverybody = ({ peers }: Pick<FirewallRule, 'peers'>): boolean =>
  peers.length === 0 || meansEverybody(peers);

export const firewallRuleSchema = z
  .string()
  .trim()
  .max(2_048)
  .refine(
    (text) => parseFirewallRule(text) !== null,
    'Write a rule like tcp/22 from ann, or tcp/8000-8100 from 4a1:2::/64.',
  );
