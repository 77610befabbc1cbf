import { type FirewallRule, parseFirewallRule } from '#shared/model/firewall-rule.ts';
import type { Translate } from '../../../lib/i18n.ts';
import { isForEverybody } from './opening.ts';

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
  /** Both. */
  readonly whole: string;
}

/** An opening in words. A text that is no rule is shown as it is. */
export function ruleWords(text: string, t: Translate): RuleWords {
  const rule = parseFirewallRule(text);
  if (rule === null) return { what: text, who: '', everybody: false, whole: text };
  const everybody = isForEverybody(rule);
  const list = rule.peers.join(', ');
  const who = !everybody
    ? t('machines.mesh.rule.only', { who: list })
    : list === ''
      ? t('machines.mesh.rule.everybody')
      : t('machines.mesh.rule.everybodyBy', { who: list });
  const what = whatWords(rule, t);
  return { what, who, everybody, whole: t('machines.mesh.rule.whole', { what, who }) };
}

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
