import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firewallRuleSchema, parseFirewallRule, peerKind } from '#shared/model/firewall-rule.ts';
import { address } from '../netstack/testing/pair.ts';
import { Firewall } from './firewall.ts';
import { FlowTable } from './flows.ts';
import { factsOf, type PacketFacts } from './packet-facts.ts';
import { compileRules } from './rules.ts';
import { faraway, icmp, stranger, tcp, udp } from './testing/lan.ts';

const machine = address('4a1:2:3:4:5054:ff:fe00:1');
const [SYN, ACK, RST, FIN] = [0x02, 0x10, 0x04, 0x01];

function facts(packet: Uint8Array): PacketFacts {
  const found = factsOf(packet);
  if (typeof found === 'string') throw new Error(found);
  return found;
}

describe('a rule', () => {
  it.each([
    ['tcp/22', { protocol: 'tcp', ports: { first: 22, last: 22 }, peers: [] }],
    [
      'udp/8000-8100 from 5b1:2:3:4::/64',
      { protocol: 'udp', ports: { first: 8000, last: 8100 }, peers: ['5b1:2:3:4::/64'] },
    ],
    ['icmp', { protocol: 'icmp', ports: null, peers: [] }],
    ['any from 5b1::1,5c1::/32', { protocol: 'any', ports: null, peers: ['5b1::1', '5c1::/32'] }],
  ])('%s is read', (text, rule) => void expect(parseFirewallRule(text)).toEqual(rule));

  it.each([
    '',
    'tcp/0',
    'tcp/65536',
    'tcp/9-8',
    'icmp/8',
    'any/22',
    'sctp/1',
    'tcp/22 from',
    'tcp/22 from x!',
    'tcp/22 from ::/129',
    'tcp/22 from ::1/64/3',
    'tcp/22 from 1.2.3.4',
    'tcp/22  from ::1',
  ])('"%s" is none', (text) => {
    expect(parseFirewallRule(text)).toBeNull();
    expect(firewallRuleSchema.safeParse(text).success).toBe(false);
  });

  it('of any text is one that compiles, or none', () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^(tcp|udp)\/\d{1,5}(-\d{1,5})?( from [0-9a-f:,/]{1,20})?$/));
    fc.assert(
      fc.property(texts, (text) => {
        if (!firewallRuleSchema.safeParse(text).success) return;
        const peers = parseFirewallRule(text)?.peers ?? [];
        // Names are for those who know people: the switch takes none, and opens nothing for them.
        if (peers.every((peer) => peerKind(peer) === 'address')) compileRules([text]);
        else expect(() => compileRules([text])).toThrow(RangeError);
      }),
    );
  });

  it.each(['tcp/22 from ann', 'tcp/22 from @c1', 'tcp/22 from 4a1::1,ann'])('"%s" is not for the switch', (text) => {
    expect(() => compileRules([text])).toThrow(RangeError);
  });

  it('opens what it says, to whom it says', () => {
    const rules = compileRules(['tcp/22', 'udp/8000-8100 from 5b1:2:3:4::/64', 'any from 5c1:2:3:4::7']);
    expect(rules.open('tcp', 22, faraway, 0)).toBe(true);
    expect(rules.open('tcp', 23, faraway, 0)).toBe(false);
    expect([7999, 8000, 8100, 8101].map((port) => rules.open('udp', port, faraway, 0))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(rules.open('udp', 8000, address('5b1:2:3:5::7'), 0)).toBe(false);
    expect([rules.open('icmp', 0, stranger, 0), rules.open('icmp', 0, faraway, 0)]).toEqual([true, false]);
  });
});

describe('a firewall', () => {
  const out = { source: machine, destination: faraway };
  const into = { source: faraway, destination: machine };
  function wall(rules: string[] = [], flows?: FlowTable) {
    const firewall = new Firewall(rules, 0, flows);
    return {
      firewall,
      out: (packet: Uint8Array, now = 1) => firewall.outbound(packet, facts(packet), now),
      in: (packet: Uint8Array, now = 1) => firewall.inbound(packet, facts(packet), now),
    };
  }

  it('lets nothing in by itself', () => {
    const w = wall();
    expect(w.in(tcp(into, 1, 22, SYN))).toBe('firewall');
    expect(w.in(udp(into, 1, 53))).toBe('firewall');
    expect(w.in(icmp(into, 128))).toBe('firewall');
    expect(w.in(icmp(into, 129))).toBe('firewall');
    expect(w.in(tcp(into, 1, 22, ACK))).toBe('firewall');
  });

  it('lets answers in, from who was asked, at the ports that asked, for a while', () => {
    const w = wall();
    expect(w.out(tcp(out, 5000, 80, SYN))).toBe('pass');
    expect(w.in(tcp(into, 80, 5000, SYN | ACK))).toBe('pass');
    expect(w.in(tcp(into, 81, 5000, SYN | ACK))).toBe('firewall');
    expect(w.in(tcp(into, 80, 5001, SYN | ACK))).toBe('firewall');
    expect(w.in(tcp({ source: stranger, destination: machine }, 80, 5000, SYN | ACK))).toBe('firewall');
    expect(w.in(udp(into, 80, 5000))).toBe('firewall');
    // A new connection is no answer, wherever it comes from.
    expect(w.in(tcp(into, 80, 5000, SYN))).toBe('firewall');
    expect(w.in(tcp(into, 80, 5000, ACK), 7_000_000)).toBe('pass');
    expect(w.in(tcp(into, 80, 5000, ACK), 15_000_000)).toBe('firewall');
    w.out(udp(out, 5000, 53));
    expect([w.in(udp(into, 53, 5000)), w.in(udp(into, 53, 5000), 200_000)]).toEqual(['pass', 'firewall']);
    w.out(icmp(out, 128, 0x0007_0001));
    expect([w.in(icmp(into, 129, 0x0007_0001)), w.in(icmp(into, 129, 0x0008_0001))]).toEqual(['pass', 'firewall']);
    expect(w.in(icmp(into, 128, 0x0007_0001))).toBe('firewall');
  });

  it('forgets a connection soon after its end', () => {
    const w = wall();
    w.out(tcp(out, 5000, 80, SYN));
    w.in(tcp(into, 80, 5000, SYN | ACK));
    w.out(tcp(out, 5000, 80, FIN | ACK));
    expect(w.in(tcp(into, 80, 5000, ACK), 200_000)).toBe('pass');
    expect(w.in(tcp(into, 80, 5000, ACK), 500_000)).toBe('firewall');
  });

  it('remembers nothing of what a rule lets in, and a rule taken away ends it both ways', () => {
    const w = wall(['tcp/22']);
    expect(w.in(tcp(into, 1, 22, SYN))).toBe('pass');
    expect(w.out(tcp(out, 22, 1, SYN | ACK))).toBe('pass');
    expect(w.firewall.flows).toBe(0);
    w.firewall.setRules([]);
    expect(w.in(tcp(into, 1, 22, ACK))).toBe('firewall');
    expect(w.out(tcp(out, 22, 1, ACK))).toBe('firewall');
    expect(w.in(tcp(into, 1, 22, ACK))).toBe('firewall');
  });

  it('takes a connection in its middle for one of the machine’s just after a restart, and later not', () => {
    const w = wall();
    expect(w.out(tcp(out, 5000, 80, ACK), 60_000)).toBe('pass');
    expect(w.in(tcp(into, 80, 5000, ACK), 60_000)).toBe('pass');
    expect(w.out(tcp(out, 5001, 80, ACK), 130_000)).toBe('firewall');
    expect(w.out(tcp(out, 5001, 80, RST), 130_000)).toBe('pass');
    expect(w.firewall.flows).toBe(1);
  });

  it('lets an error in about what the machine sent, and about nothing else', () => {
    const w = wall(['tcp/22 from 5b1:2:3:4::/64', 'icmp']);
    const about = (quoted: Uint8Array) => icmp({ source: stranger, destination: machine }, 2, 1280, quoted);
    w.out(udp(out, 5000, 53));
    w.out(icmp(out, 128, 0x0007_0001));
    expect(w.in(about(udp(out, 5000, 53)))).toBe('pass');
    expect(w.in(about(udp(out, 5000, 54)))).toBe('firewall');
    expect(w.in(about(tcp(out, 22, 9, ACK)))).toBe('pass');
    expect(w.in(about(tcp(out, 23, 9, ACK)))).toBe('firewall');
    expect(w.in(about(icmp(out, 128, 0x0007_0001)))).toBe('pass');
    expect(w.in(about(icmp(out, 128, 0x0009_0001)))).toBe('firewall');
    expect(w.in(about(icmp(out, 129, 1)))).toBe('pass');
    expect(w.in(about(udp(into, 5000, 53)))).toBe('firewall');
    expect(w.in(about(new Uint8Array(60)))).toBe('firewall');
  });

  it('of a machine that begins too much at once keeps what is in use, and its memory', () => {
    const w = wall([], new FlowTable(64));
    for (let port = 1; port <= 8; port++) {
      w.out(tcp(out, port, 80, SYN));
      w.in(tcp(into, 80, port, SYN | ACK));
    }
    for (let port = 100; port < 5_000; port++) expect(w.out(tcp(out, port, 81, SYN))).toBe('pass');
    expect(w.firewall.flows).toBe(64);
    for (let port = 1; port <= 8; port++) expect(w.in(tcp(into, 80, port, ACK))).toBe('pass');
    // All in use: there is no room, and the work to find that out is bounded.
    for (let port = 1; port <= 64; port++) {
      w.out(tcp(out, port, 80, SYN));
      w.in(tcp(into, 80, port, SYN | ACK));
    }
    expect(w.out(tcp(out, 65, 80, SYN))).toBe('flows');
  });

  it('whatever happens in whatever order, lets in only answers and what a rule opens', () => {
    const ports = fc.integer({ min: 1, max: 3 });
    const step = fc.record({
      ...{ way: fc.constantFrom('out', 'in'), own: ports, other: ports },
      kind: fc.constantFrom('syn', 'syn-ack', 'ack', 'fin', 'rst', 'udp', 'request', 'reply'),
      peer: fc.constantFrom(faraway, stranger),
      wait: fc.constantFrom(0, 1_000, 200_000),
    });
    const rules = fc.subarray(['tcp/1', 'udp/2 from 5b1:2:3:4::/64', 'icmp from 5c1:2:3:4::7']);
    const flagsOf: Record<string, number> = { syn: SYN, 'syn-ack': SYN | ACK, ack: ACK, fin: FIN | ACK, rst: RST };
    fc.assert(
      fc.property(rules, fc.array(step, { maxLength: 60 }), (opened, steps) => {
        const [w, open] = [wall(opened), compileRules(opened)];
        const begun = new Set<string>();
        let now = 0;
        for (const { way, kind, own, other, peer, wait } of steps) {
          now += wait;
          const protocol = kind === 'udp' ? 'udp' : kind.startsWith('re') ? 'icmp' : 'tcp';
          const ends = way === 'out' ? { source: machine, destination: peer } : { source: peer, destination: machine };
          const [from, to] = way === 'out' ? [own, other] : [other, own];
          const flags = flagsOf[kind];
          const packet =
            flags !== undefined
              ? tcp(ends, from, to, flags)
              : protocol === 'udp'
                ? udp(ends, from, to)
                : icmp(ends, kind === 'request' ? 128 : 129, own << 16);
          const flow = protocol === 'icmp' ? `icmp ${own} ${peer}` : `${protocol} ${own} ${other} ${peer}`;
          if (way === 'out') {
            if (w.out(packet, now) === 'pass' && kind !== 'reply') begun.add(flow);
          } else if (w.in(packet, now) === 'pass') {
            const asks = kind === 'syn' || kind === 'request';
            expect(open.open(protocol, own, peer, 0) || (begun.has(flow) && !asks)).toBe(true);
          } else {
            // Nobody is kept out whom a rule lets in; an echo reply is nothing that a rule could mean.
            expect(kind === 'reply' || !open.open(protocol, own, peer, 0)).toBe(true);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  it('bears any packet', () => {
    const w = wall(['tcp/22', 'icmp']);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 160 }), fc.constantFrom(6, 17, 58, 0, 43, 44, 60), (bytes, next) => {
        const packet = Uint8Array.from([
          0x60,
          0,
          0,
          0,
          0,
          Math.max(0, bytes.length - 40),
          next,
          64,
          ...bytes.subarray(8),
        ]);
        const found = factsOf(packet);
        if (typeof found === 'string') return;
        w.firewall.outbound(packet, found, 1);
        w.firewall.inbound(packet, found, 1);
      }),
      { numRuns: 2_000 },
    );
  });
});
