import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Metrics, OpeningPeer } from '#shared/contract/machines.ts';
import { firewallRuleSchema, parseFirewallRule } from '#shared/model/firewall-rule.ts';
import { createI18n, type MessageKey, type Values } from '../../../lib/i18n.ts';
import * as samples from '../../../testing/samples.ts';
import {
  type Draft,
  emptyDraft,
  openingOf,
  readPeers,
  readPorts,
  sameness,
  suggestions,
  writeOpening,
} from './opening.ts';
import { placeOf } from './place.ts';
import { ruleWords as openingWords } from './rule-words.ts';
import { keptOut, meshRates } from './traffic.ts';

const i18n = createI18n('en');
const t = (key: MessageKey, values?: Values): string => i18n.t(key, { ...values }) as string;
const german = createI18n('de');
const de = (key: MessageKey, values?: Values): string => german.t(key, { ...values }) as string;

const people = [samples.contact('c-1', 'Ann Miller', 'ann'), samples.contact('c-2', 'Ben', 'ben', { blocked: true })];

describe('an opening that is filled in', () => {
  it('opens nothing until both what and who were said', () => {
    expect(writeOpening(emptyDraft)).toBeNull();
    expect(writeOpening({ ...emptyDraft, ports: '22' })).toBeNull();
    expect(writeOpening({ ...emptyDraft, who: 'everybody' })).toBeNull();
    for (const { protocol, ports } of suggestions) {
      expect(writeOpening({ ...emptyDraft, protocol, ports })).toBeNull();
      expect(writeOpening({ ...emptyDraft, protocol, ports, who: 'everybody' })).not.toBeNull();
    }
  });

  it('is written as the contract takes it, whatever was typed', () => {
    const draft: fc.Arbitrary<Draft> = fc.record({
      protocol: fc.constantFrom('tcp', 'udp', 'icmp', 'any'),
      ports: fc.oneof(fc.string(), fc.nat(70_000).map(String), fc.constantFrom('', '80-443', '8000 \u2013 8100')),
      who: fc.constantFrom('contacts', 'devices', 'addresses', 'everybody'),
      contacts: fc.uniqueArray(fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/), { maxLength: 3 }),
      devices: fc.uniqueArray(fc.constantFrom('phone.me', 'laptop.me', 'xn--ls8h.me'), { maxLength: 3 }),
      names: fc.oneof(fc.string(), fc.ipV6(), fc.constantFrom('4A1:2::/64, 4a1::7', '::/0')),
    });
    fc.assert(
      fc.property(draft, (one) => {
        const rule = writeOpening(one);
        if (rule === null) return;
        expect(firewallRuleSchema.parse(rule)).toBe(rule);
        // Nobody is let in by what was meant for somebody.
        if (one.who !== 'everybody') expect(parseFirewallRule(rule)?.peers.length).toBeGreaterThan(0);
      }),
    );
  });

  it('takes ports and ranges as people type them', () => {
    expect(['22', ' 8000 - 8100 ', '8000\u20138100', '1-65535'].map(readPorts)).toEqual([
      '22',
      '8000-8100',
      '8000-8100',
      '1-65535',
    ]);
    expect(['', '0', '65536', '9-8', '22,80', 'ssh', '22 from ::'].map(readPorts)).toEqual(Array(7).fill(null));
  });

  it('takes addresses and prefixes of the mesh, and no others', () => {
    expect(readPeers('4A1:2::/64,\n4a1::7; 4a1::7')).toEqual({ peers: ['4a1:2::/64', '4a1::7'] });
    expect(readPeers('5ff:1::1')).toEqual({ peers: ['5ff:1::1'] });
    expect(['', 'ann.hypha', '4a1::/129', '10.0.0.1'].map(readPeers)).toEqual(Array(4).fill({ problem: 'wrong' }));
    expect(['2001:db8::1', '4a1::1 fe80::1', '::1', '600::/8'].map(readPeers)).toEqual(
      Array(4).fill({ problem: 'elsewhere' }),
    );
  });

  it('is for everybody by a wide prefix as well as by naming nobody', () => {
    const everybody = (text: string) => openingOf(text, []).everybody;
    expect(['tcp/22', 'any from ::/0', 'icmp from 4a1::1,400::/7', 'any from ::/1'].map(everybody)).toEqual(
      Array(4).fill(true),
    );
    expect(['tcp/22 from 4a1::1', 'any from 400::/8', 'any from 8000::/1'].map(everybody)).toEqual(
      Array(3).fill(false),
    );
  });
});

describe('an opening in words', () => {
  const ruleWords = (rule: string, translate: typeof t) => openingWords(openingOf(rule, people), translate);
  it('names what is known, and says who', () => {
    expect(ruleWords('tcp/22', t).whole).toBe('SSH (TCP 22), for everybody on the mesh');
    expect(ruleWords('tcp/8000-8100 from 4a1:2::/64', t).whole).toBe('TCP 8000 to 8100, for 4a1:2::/64');
    expect(ruleWords('icmp from 4a1::1,4a1::2', t).whole).toBe('Ping, for 4a1::1, 4a1::2');
    expect(ruleWords('udp', t).whole).toBe('every UDP port, for everybody on the mesh');
    expect(ruleWords('any from 400::/7', t)).toMatchObject({ what: 'Everything', everybody: true });
    expect(ruleWords('tcp/80', de).whole).toBe('HTTP (TCP 80), für alle im Netz');
    expect(ruleWords('something new', t).whole).toBe('something new');
  });

  it('calls contacts what the person calls them, and says who does not come in', () => {
    expect(ruleWords('tcp/22 from @c-1', t)).toMatchObject({ who: 'for Ann Miller', nobody: false });
    expect(ruleWords('tcp/22 from ann.hypha,4a1::1', t).who).toBe('for Ann Miller, 4a1::1');
    expect(ruleWords('tcp/22 from @c-2', t)).toMatchObject({ who: 'for Ben (blocked, not let in)', nobody: true });
    expect(ruleWords('tcp/22 from @c-2,@c-1', t).nobody).toBe(false);
    expect(ruleWords('tcp/22 from @c-2', de).who).toBe('für Ben (gesperrt, kommt nicht herein)');
    const none = { contact: null, petname: null, addresses: [] };
    const gone: OpeningPeer = { ...none, text: '@c-9', kind: 'contact', state: 'gone' };
    expect(openingWords({ rule: 'icmp from @c-9', everybody: false, peers: [gone] }, t).whole).toBe(
      'Ping, for a contact (no longer a contact, not let in)',
    );
  });

  it('calls a prefix of many what it is, and marks that strangers come in', () => {
    expect(ruleWords('tcp/22 from 400::/8', t)).toMatchObject({
      who: 'for half of everybody (400::/8)',
      everybody: false,
      strangers: true,
    });
    expect(ruleWords('tcp/22 from ann,480::/9', t)).toMatchObject({
      who: 'for Ann Miller, one in 4 of everybody (480::/9)',
      strangers: true,
    });
    expect(ruleWords('tcp/22 from 4a1::/32', t).who).toBe('for whoever is in 4a1::/32, strangers too');
    expect(ruleWords('tcp/22 from 400::/8,500::/8', t)).toMatchObject({
      who: 'for everybody on the mesh (400::/8, 500::/8)',
      everybody: true,
      strangers: true,
    });
    expect(ruleWords('tcp/22 from 4a1:2:3:4::/64', t)).toMatchObject({ who: 'for 4a1:2:3:4::/64', strangers: false });
    expect(ruleWords('tcp/22 from 400::/8', de).who).toBe('für die Hälfte aller (400::/8)');
  });

  it('is the same under every name of the same people', () => {
    const same = (a: string, b: string) => sameness(openingOf(a, people)) === sameness(openingOf(b, people));
    expect(same('tcp/22 from ann,4a1::1', 'tcp/22 from 4A1::1,@c-1')).toBe(true);
    expect(same('tcp/22 from ann', 'tcp/22 from @c-2')).toBe(false);
    expect(same('tcp/22', 'tcp/22 from ann')).toBe(false);
  });
});

describe('a machine and the mesh', () => {
  const off = { mesh: null, waiting: [], running: null };
  const running = { ...off, running: { cpus: 1, memoryMiB: 256, internet: false, sshKeys: [] } };

  it('stands where its node and its start put it', () => {
    expect(placeOf({ ...running, mesh: { address: '4a1::1' } }, 'on')).toBe('here');
    expect(placeOf({ ...running, waiting: ['mesh'] }, 'on')).toBe('nextStart');
    expect(placeOf(off, 'on')).toBe('atStart');
    expect(placeOf(running, 'on')).toBe('without');
    expect((['off', 'no-identity', 'starting', 'failed'] as const).map((node) => placeOf(running, node))).toEqual([
      'off',
      'off',
      'starting',
      'failed',
    ]);
  });

  it('moves bytes at a rate, unless the counting began anew', () => {
    const sample = (at: number, bytes: number | null): Metrics => ({
      ...{ at, cpuSeconds: 0, cpu: 0, memory: 0, guestMemory: null },
      ...{ diskRead: 0, diskWritten: 0, netReceived: 0, netSent: 0 },
      mesh: bytes === null ? null : { received: { packets: 1, bytes }, sent: { packets: 1, bytes: 0 }, dropped: {} },
    });
    expect(meshRates([sample(1000, 100), sample(3000, 500)])).toEqual({ received: 200, sent: 0 });
    expect(meshRates([sample(1000, 500), sample(3000, 100)])).toBeNull();
    expect([meshRates([]), meshRates([sample(1, 1)]), meshRates([sample(1, null), sample(2, 1)])]).toEqual(
      Array(3).fill(null),
    );
  });

  it('lists what did not pass, the most frequent first, and leaves out what never happened', () => {
    expect(keptOut({ queue: 2, firewall: 40, spoofed: 0, flows: 2 })).toEqual([
      ['firewall', 40],
      ['flows', 2],
      ['queue', 2],
    ]);
  });
});
