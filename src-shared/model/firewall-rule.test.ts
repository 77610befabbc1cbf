import fc from 'fast-check';
import { expect, it } from 'vitest';
import { firewallRuleSchema, isForEverybody, parseFirewallRule, peerKind, withPeers } from './firewall-rule.ts';

const peersOf = (text: string) => parseFirewallRule(text)?.peers;

it('names people, contacts, addresses and prefixes', () => {
  expect(peersOf('tcp/22 from ann')).toEqual(['ann']);
  expect(peersOf('icmp from ann.hypha,phone.me, 4a1:2::/64,@c-1')).toEqual([
    ...['ann.hypha', 'phone.me', '4a1:2::/64', '@c-1'],
  ]);
  expect(['ann', 'cafe', '@id_1', '4a1::1', '4a1::/64', 'ann.hypha.'].map(peerKind)).toEqual([
    ...['name', 'name', 'contact', 'address', 'address', 'name'],
  ]);
  for (const wrong of ['', '@', '-ann', 'ann!', '4a1::/129', '10.0.0.1', 'ann/64', 'a b', 'a:b', '@a b', 'ann\u202e']) {
    expect(peerKind(wrong)).toBeNull();
    expect(parseFirewallRule(`tcp/22 from ${wrong}`)).toBeNull();
  }
});

it('names addresses as the mesh reads them: without zone and without an IPv4 tail', () => {
  for (const peer of ['4a1::1.2.3.4', '::ffff:1.2.3.4', '4a1::1%eth0', '4a1::1.2.3.4/64', '1.2.3.4'])
    expect(parseFirewallRule(`tcp/22 from ${peer}`), peer).toBeNull();
});

it('is for everybody where nobody is named, or everybody alone', () => {
  expect([peersOf('tcp/22'), peersOf('tcp/22 from everybody')]).toEqual([[], []]);
  expect(parseFirewallRule('tcp/22 from ann,everybody')).toBeNull();
  const everybody = (text: string) => isForEverybody({ peers: peersOf(text) ?? ['ann'] });
  expect(
    ['icmp', 'icmp from everybody', 'any from ::/0', 'any from ann,400::/7', 'any from 500::/8,ann,400::/8'].map(
      everybody,
    ),
  ).toEqual(Array(5).fill(true));
  expect(['icmp from ann', 'icmp from @c1', 'icmp from everybody.hypha', 'any from 400::/8'].map(everybody)).toEqual(
    Array(4).fill(false),
  );
});

it('reads any text as a rule or as none, and a rule with its own peers as the same', () => {
  const word = fc.constantFrom('tcp', '/22', 'any', ' from ', 'ann', ',', ', ', '@c1', '4a1::/64', 'everybody', ' ');
  const text = fc.oneof(
    fc.string(),
    fc.array(word, { maxLength: 12 }).map((words) => words.join('')),
  );
  fc.assert(
    fc.property(text, (one) => {
      const rule = parseFirewallRule(one);
      expect(firewallRuleSchema.safeParse(one).success).toBe(rule !== null);
      if (rule !== null) expect(parseFirewallRule(withPeers(one, rule.peers))).toEqual(rule);
    }),
  );
});

it('is read in time, however long and wrong it is', () => {
  expect(parseFirewallRule(`any from ${'a,'.repeat(1_000)}!`)).toBeNull();
  expect(parseFirewallRule(`any from ${'a'.repeat(2_000)} `.repeat(2))).toBeNull();
});
