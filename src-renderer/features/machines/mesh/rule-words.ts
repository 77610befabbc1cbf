import type { OpeningPeer } from '#shared/contract/machines.ts';
import { contactMark, type FirewallRule, parseFirewallRule } from '#shared/model/firewall-rule.ts';
import { shareOf } from '#shared/model/mesh-share.ts';
import type { Translate } from '../../../lib/i18n.ts';
import type { Shown } from './opening.ts';

/** Names that people know ports by (IANA, Service Name and Transport Protocol Port Number Registry). */
const services: Readonly<Record<string, string>> = {
  'tcp/22': 'SSH',
  'tcp/53': 'DNS',
  'udp/53': 'DNS',
  'tcp/80': 'HTTP',
  'tcp/443': 'HTTPS',
};

export interface RuleWords {
  /** `SSH (TCP 22)`. */
  readonly what: string;
  /** `for everybody on the mesh`. */
  readonly who: string;
  readonly everybody: boolean;
  /** Strangers come in by it: it is for everybody, or for a part of everybody. */
  readonly strangers: boolean;
  /** None of those who are meant is let in now. */
  readonly nobody: boolean;
  /** Both. */
  readonly whole: string;
}

/** An opening in words. A text that is no rule is shown as it is. */
export function ruleWords({ rule: text, everybody, peers }: Shown, t: Translate): RuleWords {
  const rule = parseFirewallRule(text);
  if (rule === null) return { what: text, who: '', everybody: false, strangers: false, nobody: false, whole: text };
  const list = peers.map((peer) => (everybody ? named(peer, t) : peerWords(peer, t))).join(', ');
  const strangers = everybody || peers.some(({ text: peer }) => shareOf(peer) !== null);
  const who = !everybody
    ? t('machines.mesh.rule.only', { who: list })
    : list === ''
      ? t('machines.mesh.rule.everybody')
      : t('machines.mesh.rule.everybodyBy', { who: list });
  const what = whatWords(rule, t);
  const nobody = !everybody && peers.every(({ state }) => state !== 'in');
  return { what, who, everybody, strangers, nobody, whole: t('machines.mesh.rule.whole', { what, who }) };
}

/** Somebody as the person calls them, and why they do not come in where they do not. */
function peerWords(peer: OpeningPeer, t: Translate): string {
  const who = named(peer, t);
  if (peer.state !== 'in') return t(`machines.mesh.peer.${peer.state}`, { who });
  const part = shareOf(peer.text);
  return part === null ? who : t(`machines.mesh.share.${part.word}`, { who, share: part.share });
}

const named = ({ text, petname }: OpeningPeer, t: Translate): string =>
  petname ?? (text.startsWith(contactMark) ? t('machines.mesh.peer.contact') : text);

function whatWords({ protocol, ports }: FirewallRule, t: Translate): string {
  if (protocol === 'icmp' || protocol === 'any') return t(`machines.mesh.rule.${protocol}`);
  const upper = protocol.toUpperCase();
  if (ports === null) return t('machines.mesh.rule.allPorts', { protocol: upper });
  const { first, last } = ports;
  if (first !== last) return t('machines.mesh.rule.range', { protocol: upper, first, last });
  const port = t('machines.mesh.rule.port', { protocol: upper, port: first });
  const name = services[`${protocol}/${first}`];
  return name === undefined ? port : t('machines.mesh.rule.named', { name, port });
}
