import { type FirewallRule, parseFirewallRule } from '#shared/model/firewall-rule.ts';

/** As many as a machine's firewall takes. */
export const mostOpenings = 64;

export type Protocol = FirewallRule['protocol'];

/** An opening while it is filled in. Nobody is named to begin with, so an untouched form opens nothing to anybody. */
export interface Draft {
  readonly protocol: Protocol;
  readonly ports: string;
  readonly who: 'named' | 'everybody';
  readonly names: string;
}

export const emptyDraft: Draft = { protocol: 'tcp', ports: '', who: 'named', names: '' };

/** What people open most. */
export const suggestions = [
  { name: 'SSH', protocol: 'tcp', ports: '22' },
  { name: 'HTTP', protocol: 'tcp', ports: '80' },
  { name: 'ping', protocol: 'icmp', ports: '' },
] as const satisfies readonly ({ name: string } & Pick<Draft, 'protocol' | 'ports'>)[];

export const hasPorts = (protocol: Protocol): boolean => protocol === 'tcp' || protocol === 'udp';

/** A port or a range as it was typed, as a rule writes it; null when it is neither. All ports are `1-65535`, never a field left empty. */
export function readPorts(text: string): string | null {
  const ports = text.trim().replace(/\s*[-\u2013]\s*/, '-');
  return /^[\d-]+$/.test(ports) && parseFirewallRule(`tcp/${ports}`) !== null ? ports : null;
}

export type Peers =
  | { readonly peers: readonly string[] }
  /** `wrong`: none, too many, or one that is no address; `elsewhere`: one that nobody on the mesh can have. */
  | { readonly problem: 'wrong' | 'elsewhere' };

/** Addresses or prefixes as they were typed, one a line or with commas between them. */
export function readPeers(text: string): Peers {
  const peers = [
    ...new Set(
      text
        .toLowerCase()
        .split(/[\s,;]+/)
        .filter(Boolean),
    ),
  ];
  if (peers.length === 0 || parseFirewallRule(`any from ${peers.join(',')}`) === null) return { problem: 'wrong' };
  return peers.every((peer) => meets(peer)) ? { peers } : { problem: 'elsewhere' };
}

/** The rule that a draft means; null while something in it is missing or wrong. */
export function writeOpening({ protocol, ports, who, names }: Draft): string | null {
  const which = hasPorts(protocol) ? readPorts(ports) : '';
  if (which === null) return null;
  const what = which === '' ? protocol : `${protocol}/${which}`;
  if (who === 'everybody') return what;
  const read = readPeers(names);
  return 'peers' in read ? `${what} from ${read.peers.join(',')}` : null;
}

/** Whether everybody on the mesh may come in by it: said by naming nobody, or by a prefix as wide as the mesh. */
export const isForEverybody = ({ peers }: Pick<FirewallRule, 'peers'>): boolean =>
  peers.length === 0 || peers.some((peer) => bitsOf(peer) <= meshBits && meets(peer));

/** All addresses of the mesh are in 400::/7 (src-main/core/mesh/identity/address.ts). */
const mesh = 0x0400;
const meshBits = 7;

const bitsOf = (peer: string): number => Number(peer.split('/')[1] ?? 128);

/** Whether an address or a prefix has anything in common with the mesh. */
function meets(peer: string): boolean {
  const head = Number.parseInt(peer.split(':')[0] || '0', 16);
  return (head ^ mesh) >> (16 - Math.min(bitsOf(peer), meshBits)) === 0;
}
