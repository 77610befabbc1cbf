import { type FirewallRule, parseFirewallRule } from '#shared/model/firewall-rule.ts';
import { parsePrefix } from '../identity/ipv6-text.ts';
import { contains, type Prefix } from '../wire/prefix.ts';

/** A machine's openings, ready to be asked. What no rule opens is closed. */
export interface Rules {
  /**
   * Whether somebody may begin to speak to the machine.
   *
   * @param port of the machine; without meaning for `icmp` @param peer 16 bytes at `at`
   */
  open(protocol: 'tcp' | 'udp' | 'icmp', port: number, peer: Uint8Array, at: number): boolean;
}

interface Compiled {
  readonly protocol: FirewallRule['protocol'];
  readonly first: number;
  readonly last: number;
  /** Empty for everybody. */
  readonly peers: readonly Prefix[];
}

/** @throws RangeError for a text that is no rule: callers hand in what the contract has checked */
export function compileRules(texts: readonly string[]): Rules {
  const rules = texts.map(compile);
  return {
    open(protocol, port, peer, at) {
      for (const rule of rules) {
        if (rule.protocol !== 'any' && rule.protocol !== protocol) continue;
        if (protocol !== 'icmp' && (port < rule.first || port > rule.last)) continue;
        if (rule.peers.length === 0 || rule.peers.some((prefix) => contains(prefix, peer, at))) return true;
      }
      return false;
    },
  };
}

function compile(text: string): Compiled {
  const rule = parseFirewallRule(text);
  const peers = rule?.peers.map(parsePrefix) ?? [];
  if (rule === null || peers.includes(null)) throw new RangeError(`"${text}" is no firewall rule`);
  const { first, last } = rule.ports ?? { first: 0, last: 65_535 };
  return { protocol: rule.protocol, first, last, peers: peers.filter((peer) => peer !== null) };
}
