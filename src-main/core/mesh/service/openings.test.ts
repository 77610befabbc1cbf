import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFirewallRule } from '#shared/model/firewall-rule.ts';
import { addressOf } from '../identity/address.ts';
import { addressText } from '../identity/ipv6-text.ts';
import { createKnown } from './known.ts';
import { createOpenings } from './openings.ts';
import { createTargets } from './targets.ts';

const key = (n: number): string => n.toString(16).padStart(64, '0');
const at = (n: number): string => addressText(addressOf(Uint8Array.from(Buffer.from(key(n), 'hex'))));

interface Person {
  readonly id: string;
  label: string;
  petname: string;
  keys: number[];
  blocked: boolean;
  removed: boolean;
}
const person = (id: string, label: string, petname: string, keys: number[]): Person => ({
  ...{ id, label, petname, keys, blocked: false, removed: false },
});

function rig(...people: Person[]) {
  const state = { locked: false, forgotten: false };
  const present = () => people.filter(({ removed }) => !removed);
  const known = createKnown({
    names: () =>
      state.forgotten
        ? []
        : present().flatMap(({ id, label, keys, blocked }) =>
            blocked ? [] : [{ contact: id, label, meshKeys: keys.map(key), verified: false }],
          ),
    peers: () => present().map(({ id, keys, blocked }) => ({ contact: id, meshKeys: keys.map(key), blocked })),
    about(id) {
      const found = state.locked ? undefined : people.find((one) => one.id === id);
      return found === undefined ? null : { ...found };
    },
    ownDevices: () => [
      { label: 'desk', meshKey: key(900), current: true },
      { label: 'phone', meshKey: key(901), current: false },
    ],
    onChange: () => () => {},
  });
  const openings = createOpenings({ names: known, targets: createTargets(known, () => state.locked) });
  return { state, openings, changed: () => known.changed() };
}

describe('an opening for a contact', () => {
  it('is kept by person, shown by name, and lets in their devices alone', () => {
    const { openings } = rig(person('c1', 'ann', 'Ann Miller', [1, 2]), person('c2', 'ben', 'Ben', [3]));
    const kept = openings.keep('tcp/22 from ANN.hypha,ann,4a1:2::/64,phone.me');
    expect(kept).toBe('tcp/22 from @c1,4a1:2::/64,phone.me');
    expect(openings.keep(kept)).toBe(kept);
    const shown = openings.show(kept);
    expect(shown).toMatchObject({
      rule: 'tcp/22 from ann,4a1:2::/64,phone.me',
      who: 'Ann Miller, 4a1:2::/64, phone.me',
      everybody: false,
    });
    expect(openings.keep(shown.rule)).toBe(kept);
    expect(shown.peers).toEqual([
      { text: 'ann', kind: 'contact', contact: 'c1', petname: 'Ann Miller', state: 'in', addresses: [at(1), at(2)] },
      {
        ...{ text: '4a1:2::/64', kind: 'address', contact: null, petname: null },
        state: 'in',
        addresses: ['4a1:2::/64'],
      },
      { text: 'phone.me', kind: 'device', contact: null, petname: null, state: 'in', addresses: [at(901)] },
    ]);
    expect(openings.addressed([kept, 'icmp'])).toEqual([`tcp/22 from ${at(1)},${at(2)},4a1:2::/64,${at(901)}`, 'icmp']);
    expect(openings.say(kept)).toBe(
      `tcp/22 from ann (${at(1)}, 2 devices, not verified), 4a1:2::/64, phone.me (${at(901)})`,
    );
    expect(openings.keep('icmp from everybody')).toBe('icmp');
    expect(openings.show('icmp')).toMatchObject({ who: 'everybody', everybody: true, peers: [] });
  });

  it('calls a prefix that means more than one device what it is', () => {
    const { openings } = rig(person('c1', 'ann', 'Ann', [1]));
    const shown = (rule: string) => openings.show(openings.keep(rule));
    expect(shown('tcp/22 from 400::/8')).toMatchObject({ who: 'half of everybody (400::/8)', everybody: false });
    expect(shown('tcp/22 from ann,4a0::/12')).toMatchObject({ who: 'Ann, one in 32 of everybody (4a0::/12)' });
    expect(shown('any from 4a1::/32')).toMatchObject({ who: 'whoever is there, strangers too (4a1::/32)' });
    expect(shown('any from 500::/8,400::/8')).toMatchObject({ who: 'everybody (500::/8, 400::/8)', everybody: true });
    expect(openings.say('tcp/22 from 400::/8')).toBe('tcp/22 from 400::/8 (half of everybody)');
    expect(openings.say('tcp/22 from 400::/7')).toBe('tcp/22 from 400::/7 (everybody)');
  });

  it('follows their devices and their name, and is not the next one’s who has that name', () => {
    const [ann, other] = [person('c1', 'ann', 'Ann', [1]), person('c2', 'zoe', 'Zoe', [3])];
    const { openings, changed } = rig(ann, other);
    const kept = openings.keep('tcp/22 from ann');
    Object.assign(ann, { keys: [1, 7], label: 'anna', petname: 'Anna' });
    Object.assign(other, { label: 'ann' });
    changed();
    expect(openings.addressed([kept])).toEqual([`tcp/22 from ${at(1)},${at(7)}`]);
    expect(openings.show(kept)).toMatchObject({ rule: 'tcp/22 from anna', who: 'Anna' });
    expect(openings.keep('tcp/22 from ann')).toBe('tcp/22 from @c2');
  });

  it('ends when they are blocked or removed, and says so', () => {
    const ann = person('c1', 'ann', 'Ann', [1]);
    const { openings, changed } = rig(ann);
    const kept = openings.keep('tcp/22 from ann');
    ann.blocked = true;
    changed();
    expect(openings.addressed([kept])).toEqual([]);
    expect(openings.show(kept)).toMatchObject({ rule: 'tcp/22 from ann', who: 'Ann (blocked)', everybody: false });
    Object.assign(ann, { blocked: false, removed: true });
    changed();
    expect(openings.addressed([kept])).toEqual([]);
    expect(openings.show(kept)).toMatchObject({ rule: 'tcp/22 from @c1', who: 'Ann (no longer a contact)' });
    expect(() => openings.keep(kept)).toThrow(/not among your contacts any more/);
    expect(() => openings.keep('tcp/22 from ann')).toThrow(/Nobody is known as ann/);
    Object.assign(ann, { removed: false, keys: [] });
    changed();
    expect(openings.show(kept)).toMatchObject({ who: 'Ann (no device known)' });
    expect(openings.addressed([kept])).toEqual([]);
  });

  it('holds while locked, when names are not known', () => {
    const { openings, state, changed } = rig(person('c1', 'ann', 'Ann', [1]));
    const kept = openings.keep('tcp/22 from ann');
    Object.assign(state, { locked: true, forgotten: true });
    changed();
    expect(openings.addressed([kept])).toEqual([`tcp/22 from ${at(1)}`]);
    expect(openings.show(kept)).toMatchObject({ rule: 'tcp/22 from @c1', who: 'a contact' });
    expect(() => openings.keep('tcp/22 from ben')).toThrow(/not known while Hypha is locked/);
    expect(openings.keep('tcp/22 from 4a1::1')).toBe('tcp/22 from 4a1::1');
  });

  it('for somebody unknown tells who is known, or who was perhaps meant', () => {
    const { openings } = rig(person('c1', 'ann', 'Ann', [1]), person('c2', 'benjamin', 'Ben', [2]));
    const next = (rule: string): unknown => {
      try {
        return openings.keep(rule);
      } catch (error) {
        return (error as { next?: string }).next;
      }
    };
    expect(next('tcp/22 from benjamim.hypha')).toMatch(/^Did you mean benjamin\? /);
    expect(next('tcp/22 from quentin')).toMatch(/^Known are ann, benjamin, phone\.me\. /);
  });

  it('of one who is called everybody is for that one', () => {
    const { openings } = rig(person('c1', 'everybody', 'Everybody', [1]));
    const kept = openings.keep('tcp/22 from everybody.hypha');
    expect(kept).toBe('tcp/22 from @c1');
    expect(openings.show(kept)).toMatchObject({ rule: 'tcp/22 from everybody.hypha', everybody: false });
    expect(openings.keep(openings.show(kept).rule)).toBe(kept);
  });

  it('for somebody never becomes one for everybody, however many they are and whatever becomes of them', () => {
    const people = Array.from({ length: 40 }, (_, n) => person(`c${n}`, `p${n}`, `P ${n}`, []));
    const { openings, changed } = rig(...people);
    const change = fc.record({
      keys: fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 4 }),
      blocked: fc.boolean(),
      removed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 32, maxLength: 32 }), (changes) => {
        for (const [n, one] of changes.entries()) Object.assign(people[n] ?? {}, one);
        changed();
        const kept = `any from ${people
          .slice(0, 32)
          .map(({ id }) => `@${id}`)
          .join(',')}`;
        const rules = openings.addressed([kept]).map((rule) => parseFirewallRule(rule));
        const allowed = people.slice(0, 32).flatMap(({ keys, ...one }) => (one.blocked || one.removed ? [] : keys));
        expect(rules.every((rule) => rule !== null && rule.peers.length > 0)).toBe(true);
        expect(new Set(rules.flatMap((rule) => rule?.peers ?? []))).toEqual(new Set(allowed.map(at)));
        expect(openings.show(kept).everybody).toBe(false);
      }),
      { numRuns: 40 },
    );
  });
});
