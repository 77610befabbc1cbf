import { u16 } from '../netstack/ip/bytes.ts';
import { ICMP_HEADER } from '../netstack/ip/icmpv6.ts';
import { DESTINATION_AT, SOURCE_AT } from '../netstack/ip/ipv6.ts';
import { FlowTable } from './flows.ts';
import { type PacketFacts, quotedFacts } from './packet-facts.ts';
import { compileRules } from './rules.ts';

export type Verdict = 'pass' | 'firewall' | 'flows';

/**
 * How long after the switch met a machine a TCP connection in its middle counts as one that the machine had begun: the agent was restarted,
 * its memory of flows was not kept, and those connections are to live on.
 */
const pickUpMs = 120_000;

const syn = 0x02;
const ack = 0x10;
const finOrRst = 0x05;

/**
 * A machine's firewall, stateful: nothing comes in but answers to what the machine began and what a rule opens. What goes out is only looked at to
 * know the answers. No flow that a rule lets in is remembered: strangers fill no table, and a rule that is taken away ends
 * what it let in.
 */
export class Firewall {
  readonly #flows: FlowTable;
  readonly #pickUpUntil: number;
  #rules = compileRules([]);
  #narrowed = false;

  constructor(rules: readonly string[], now: number, flows = new FlowTable()) {
    this.#flows = flows;
    this.#rules = compileRules(rules);
    this.#pickUpUntil = now + pickUpMs;
  }

  get flows(): number {
    return this.#flows.size;
  }

  setRules(rules: readonly string[]): void {
    this.#rules = compileRules(rules);
    // From here on a connection in its middle may be one whose permission has just ended.
    this.#narrowed = true;
  }

  /** A packet that the machine sends. */
  outbound(packet: Uint8Array, facts: PacketFacts, now: number): Verdict {
    const { kind, sourcePort, destinationPort, flags } = facts;
    if (kind === 'icmp-error' || kind === 'echo-reply') return 'pass';
    const protocol = protocolOf(kind);
    const key = flowKey(protocol, sourcePort, destinationPort, packet, DESTINATION_AT);
    const begin = (stage: 'asking' | 'answered'): Verdict =>
      this.#flows.begin(key, protocol, stage, now) ? 'pass' : 'flows';
    if (kind === 'echo-request' || (kind === 'tcp' && isOpening(flags))) return begin('asking');
    const ending = kind === 'tcp' && (flags & finOrRst) !== 0;
    if (this.#flows.seen(key, 'machine', ending, now)) return 'pass';
    // An answer at an open door.
    if (this.#rules.open(protocol, sourcePort, packet, DESTINATION_AT)) return 'pass';
    if (kind === 'udp') return begin('asking');
    if (ending) return 'pass';
    return this.#narrowed || now >= this.#pickUpUntil ? 'firewall' : begin('answered');
  }

  /** A packet for the machine. */
  inbound(packet: Uint8Array, facts: PacketFacts, now: number): Verdict {
    const { kind, sourcePort, destinationPort, flags } = facts;
    if (kind === 'icmp-error') return this.#errorPasses(packet, facts.start, now) ? 'pass' : 'firewall';
    const protocol = protocolOf(kind);
    const key = flowKey(protocol, destinationPort, sourcePort, packet, SOURCE_AT);
    const ending = kind === 'tcp' && (flags & finOrRst) !== 0;
    // A question is no answer, even under the numbers of one that the machine asked.
    const asks = kind === 'echo-request' || (kind === 'tcp' && isOpening(flags));
    if (!asks && this.#flows.seen(key, 'peer', ending, now)) return 'pass';
    if (kind === 'echo-reply') return 'firewall';
    return this.#rules.open(protocol, destinationPort, packet, SOURCE_AT) ? 'pass' : 'firewall';
  }

  /** An ICMPv6 error passes when it is about a packet that the machine may have sent: path MTU discovery lives on it. */
  #errorPasses(packet: Uint8Array, start: number, now: number): boolean {
    const quote = quotedFacts(packet, start + ICMP_HEADER);
    if (quote === null) return false;
    for (let i = 0; i < 16; i++) if (quote.source[i] !== packet[DESTINATION_AT + i]) return false;
    const { kind, sourcePort, destinationPort } = quote;
    const protocol = protocolOf(kind);
    if (kind !== 'echo-request' && this.#rules.open(protocol, sourcePort, quote.destination, 0)) return true;
    return (
      kind !== 'echo-reply' &&
      this.#flows.has(flowKey(protocol, sourcePort, destinationPort, quote.destination, 0), now)
    );
  }
}

const isOpening = (flags: number): boolean => (flags & (syn | ack)) === syn;

const protocolOf = (kind: Exclude<PacketFacts['kind'], 'icmp-error'>): 'tcp' | 'udp' | 'icmp' =>
  kind === 'tcp' || kind === 'udp' ? kind : 'icmp';

const numbers = { tcp: 6, udp: 17, icmp: 58 } as const;

/** Names a flow of one machine: protocol, its port, the peer's port, the peer; 11 units of 16 bits. */
function flowKey(protocol: keyof typeof numbers, own: number, other: number, b: Uint8Array, at: number): string {
  return String.fromCharCode(
    ...[numbers[protocol], own, other, u16(b, at), u16(b, at + 2), u16(b, at + 4), u16(b, at + 6)],
    ...[u16(b, at + 8), u16(b, at + 10), u16(b, at + 12), u16(b, at + 14)],
  );
}
