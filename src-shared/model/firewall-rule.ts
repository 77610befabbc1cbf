import { z } from 'zod';

/*
 * One opening in a machine's firewall, as people write it:
 *
 *   PROTOCOL[/PORT[-PORT]] [from PEER[,PEER...]]
 *
 * PROTOCOL is tcp, udp, icmp (being pinged) or any; a port alone or a range for tcp and udp, none for all ports; PEER an IPv6 address or
 * a prefix of the mesh, none for everybody. Examples: `tcp/22`, `udp/8000-8100 from 4a1:2::/64`, `icmp`, `any from 4a1:2:3:4::1`.
 */

export interface FirewallRule {
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'any';
  /** First and last destination port; null for all. */
  readonly ports: { readonly first: number; readonly last: number } | null;
  /** Addresses or prefixes as text; empty for everybody. */
  readonly peers: readonly string[];
}

const form =
  /^(tcp|udp|icmp|any)(?:\/([1-9]\d{0,4})(?:-([1-9]\d{0,4}))?)?(?: from ([0-9a-fA-F:/]+(?:,[0-9a-fA-F:/]+)*))?$/;
const mostPeers = 32;
const address = z.ipv6();

function isPeer(text: string): boolean {
  const [head = '', bits, ...rest] = text.split('/');
  if (rest.length > 0 || !address.safeParse(head).success) return false;
  return bits === undefined || (/^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= 128);
}

/** The rule that a text says; null when it says none. */
export function parseFirewallRule(text: string): FirewallRule | null {
  const found = form.exec(text.trim());
  if (found === null) return null;
  const [, protocol, low, high = low, from] = found;
  const peers = from === undefined ? [] : from.split(',');
  if (peers.length > mostPeers || !peers.every(isPeer)) return null;
  const [first, last] = [Number(low), Number(high)];
  const hasPorts = low !== undefined;
  if (hasPorts && (first > last || last > 65_535 || protocol === 'icmp' || protocol === 'any')) return null;
  return {
    protocol: protocol as FirewallRule['protocol'],
    ports: hasPorts ? { first, last } : null,
    peers,
  };
}

export const firewallRuleSchema = z
  .string()
  .trim()
  .max(2_048)
  .refine((text) => parseFirewallRule(text) !== null, 'Write a rule like tcp/22, or tcp/8000-8100 from 4a1:2::/64.');
