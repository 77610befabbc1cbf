import type { Contact } from '#shared/contract/contacts.ts';
import type { Opening, OpeningPeer } from '#shared/contract/machines.ts';
import {
  contactMark,
  type FirewallRule,
  isForEverybody,
  parseFirewallRule,
  peerKind,
  withPeers,
} from '#shared/model/firewall-rule.ts';
import { isOnMesh } from '#shared/model/mesh-share.ts';

export type Protocol = FirewallRule['protocol'];

/** An opening while it is filled in. Nobody is named to begin with, so an untouched form opens nothing to anybody. */
export interface Draft {
  readonly protocol: Protocol;
  readonly ports: string;
  readonly who: 'contacts' | 'devices' | 'addresses' | 'everybody';
  /** Ids of those who are chosen. */
  readonly contacts: readonly string[];
  /** Own devices that are chosen, by their names on the mesh: `phone.me`. */
  readonly devices: readonly string[];
  /** Addresses as they are typed. */
  readonly names: string;
}

export const emptyDraft: Draft = { protocol: 'tcp', ports: '', who: 'contacts', contacts: [], devices: [], names: '' };

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
  const read = parseFirewallRule(`any from ${peers.join(',')}`);
  if (read === null || !peers.every((peer) => peerKind(peer) === 'address')) return { problem: 'wrong' };
  return peers.every((peer) => isOnMesh(peer)) ? { peers } : { problem: 'elsewhere' };
}

/** The rule that a draft means; null while something in it is missing or wrong. */
export function writeOpening({ protocol, ports, who, contacts, devices, names }: Draft): string | null {
  const which = hasPorts(protocol) ? readPorts(ports) : '';
  if (which === null) return null;
  const what = which === '' ? protocol : `${protocol}/${which}`;
  if (who === 'everybody') return what;
  if (who === 'contacts')
    return contacts.length === 0
      ? null
      : withPeers(
          what,
          contacts.map((id) => `${contactMark}${id}`),
        );
  if (who === 'devices') return devices.length === 0 ? null : withPeers(what, devices);
  const read = readPeers(names);
  return 'peers' in read ? `${what} from ${read.peers.join(',')}` : null;
}

/** As many people as one opening takes. */
export { mostPeers as mostContacts } from '#shared/model/firewall-rule.ts';

/** What is shown of an opening. */
export type Shown = Pick<Opening, 'rule' | 'everybody' | 'peers'>;

/** An opening that was just written, as the agent will tell it; people as far as the contacts are known here. */
export function openingOf(rule: string, contacts: readonly Contact[]): Shown {
  const read = parseFirewallRule(rule);
  const peers = (read?.peers ?? []).map((text) => peerOf(text, contacts));
  return { rule, peers, everybody: read !== null && isForEverybody(read) };
}

function peerOf(text: string, contacts: readonly Contact[]): OpeningPeer {
  const named = text.toLowerCase().replace(/\.hypha\.?$/, '');
  const found = contacts.find(({ id, label }) => text === `${contactMark}${id}` || named === label);
  const nobody = { text, contact: found?.id ?? null, petname: found?.petname ?? null, addresses: [] };
  if (found !== undefined) return { ...nobody, kind: 'contact', state: found.blocked ? 'blocked' : 'in' };
  return { ...nobody, kind: peerKind(text) === 'address' ? 'address' : 'device', state: 'in' };
}

/** The same for two openings that let the same in to the same. */
export function sameness({ rule, peers }: Shown): string {
  const who = peers.map(({ text, contact }) => (contact === null ? text.toLowerCase() : `${contactMark}${contact}`));
  return withPeers(rule, who.sort());
}
