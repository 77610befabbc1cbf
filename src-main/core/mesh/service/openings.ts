import type { Opening, OpeningPeer } from '#shared/contract/machines.ts';
import {
  contactMark,
  everybody,
  isForEverybody,
  mostPeers,
  parseFirewallRule,
  peerKind,
  withPeers,
} from '#shared/model/firewall-rule.ts';
import { contactIdSchema } from '#shared/model/ids.ts';
import { shareWords } from '#shared/model/mesh-share.ts';
import { addressText } from '../identity/ipv6-text.ts';
import type { Names } from './ports.ts';
import type { Targets } from './targets.ts';

/**
 * Openings of machines' firewalls, which may name people, and what the switch makes of them, which knows addresses only. Who was meant is
 * kept, as in the lists of offers (targets.ts): an opening holds while locked and over restarts, follows its contact's devices, ends
 * when the contact is blocked or removed, and is nobody else's who gets the name later.
 */
export interface Openings {
  /** The form in which a rule is kept. @throws Fail NOT_FOUND, LOCKED as {@link Targets.keep} does */
  keep(rule: string): string;
  /** A kept rule as it is shown, and who is meant by it now. */
  show(kept: string): Opening;
  /** A rule, kept or not, for a question: each name with what it stands for now. */
  say(rule: string): string;
  /** Kept rules with addresses in the place of names: whom they let in now. One that lets in nobody is left out. */
  addressed(kept: readonly string[]): string[];
}

export interface OpeningsDeps {
  readonly names: Names;
  readonly targets: Targets;
}

export function createOpenings({ names, targets }: OpeningsDeps): Openings {
  const peersOf = (rule: string): readonly string[] => parseFirewallRule(rule)?.peers ?? [];
  const rewritten = (rule: string, each: (peer: string) => readonly string[]): string =>
    withPeers(rule, [...new Set(peersOf(rule).flatMap(each))]);

  const texts = (addresses: readonly Uint8Array[]): string[] => addresses.map((address) => addressText(address));

  const showPeer = (peer: string): OpeningPeer => {
    const none = { contact: null, petname: null };
    const kind = peerKind(peer);
    if (kind === 'address') return { ...none, text: peer, kind, state: 'in', addresses: [peer] };
    const addresses = texts(targets.addresses(peer));
    const reached = addresses.length > 0 ? 'in' : 'nowhere';
    if (kind !== 'contact') return { ...none, text: peer, kind: 'device', state: reached, addresses };
    const contact = contactIdSchema.parse(peer.slice(1));
    const { petname, label, state } = names.about(contact);
    // A removed contact's name may be another's by now.
    const known = state === 'gone' || label === null ? peer : label;
    // Who is called what means all is called by the whole name, and stays one.
    const text = known === everybody ? `${known}.hypha` : known;
    return { text, kind, contact, petname, state: state === 'known' ? reached : state, addresses };
  };

  return {
    keep: (rule) =>
      rewritten(rule, (peer) => {
        const kind = peerKind(peer);
        if (kind === 'address') return [peer];
        return targets.keep([kind === 'name' ? peer.toLowerCase().replace(/\.$/, '') : peer]);
      }),
    show(kept) {
      const peers = peersOf(kept).map(showPeer);
      const everyone = isForEverybody({ peers: peersOf(kept) });
      // What all of them together mean is said once.
      const list = peers.map((peer) => (everyone && peer.kind === 'address' ? peer.text : inWords(peer))).join(', ');
      return {
        rule: withPeers(
          kept,
          peers.map(({ text }) => text),
        ),
        who: !everyone ? list : list === '' ? everybody : `${everybody} (${list})`,
        everybody: everyone,
        peers,
      };
    },
    say(rule) {
      const said = peersOf(rule).map((peer) => (peerKind(peer) === 'address' ? sayAddress(peer) : targets.say(peer)));
      return said.length === 0 ? withPeers(rule, []) : withPeers(rule, [said.join(', ')]);
    },
    addressed: (kept) =>
      kept.flatMap((rule) => {
        const peers = peersOf(rule);
        if (peers.length === 0) return [rule];
        const letIn = [...new Set(peers.flatMap((peer) => showPeer(peer).addresses))];
        return chunks(letIn, mostPeers).map((some) => withPeers(rule, some));
      }),
  };
}

const notIn = {
  in: '',
  blocked: ' (blocked)',
  gone: ' (no longer a contact)',
  nowhere: ' (no device known)',
} as const;

/** A prefix of more than one device with how many it means. */
function sayAddress(peer: string): string {
  const share = shareWords(peer);
  return share === null ? peer : `${peer} (${share})`;
}

const inWords = ({ text, petname, state, kind }: OpeningPeer): string =>
  (kind === 'address' && shareWords(text) !== null ? `${shareWords(text)} (${text})` : null) ??
  `${petname ?? (text.startsWith(contactMark) ? 'a contact' : text)}${notIn[state]}`;

/** No opening for somebody may become one for everybody: none at all comes of nobody. */
function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));
}
