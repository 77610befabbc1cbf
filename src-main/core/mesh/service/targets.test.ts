import { expect, it } from 'vitest';
import { addressText, parseAddress } from '../identity/ipv6-text.ts';
import { createKnown } from './known.ts';
import type { Names } from './ports.ts';
import { createTargets } from './targets.ts';

const address = parseAddress('4a2:1::1') ?? new Uint8Array(16);

/** One contact, called this. */
const called = (name: string): Names => ({
  addresses: (text) => (text === name || text === `${name}.hypha` ? [address] : []),
  nameOf: () => name,
  isKnown: () => true,
  blocked: () => [],
  isKnownKey: () => true,
  contactOf: (text) => (text === name || text === `${name}.hypha` ? 'c1' : null),
  contact: (id) => (id === 'c1' ? { name, addresses: [address], verified: true } : null),
  about: () => ({ petname: null, label: 'ann', state: 'known' }),
  isBlocked: () => false,
  all: () => [],
});

it.each(['everybody', 'default'])('lets a contact called %s be no more than one contact', (name) => {
  const targets = createTargets(called(name));
  const [kept = ''] = targets.keep([`${name}.hypha`]);
  expect(targets.addresses(kept).map(addressText)).toEqual(['4a2:1::1']);
  const shown = targets.show([kept]);
  expect(shown).toEqual([`${name}.hypha`]);
  expect(targets.keep(shown)).toEqual([kept]);
});

it('says of somebody who is blocked that they are, and not that nobody has that name', () => {
  const ann = {
    contact: 'c1',
    label: 'ann',
    petname: 'Ann',
    meshKeys: ['a1'.repeat(32)],
    blocked: true,
    removed: false,
  };
  let locked = false;
  const known = createKnown({
    names: () => [],
    peers: () => (ann.removed ? [] : [ann]),
    about: (id) => (id === ann.contact && !locked ? ann : null),
    ownDevices: () => [],
    onChange: () => () => {},
  });
  const targets = createTargets(known, () => locked);
  const said = (name: string) => targets.unknown(name).message;
  expect(said('ann.hypha')).toBe('ann.hypha is blocked: nothing goes to them or comes from them.');
  expect(said('ben')).toBe('Nobody is known as ben.');
  expect(targets.goneWords('@c1')).toBe('Ann (blocked)');
  locked = true;
  expect(targets.unknown('ann')).toMatchObject({ code: 'LOCKED' });
  expect(targets.goneWords('@c1')).toBe('a contact (blocked)');
  Object.assign(ann, { removed: true });
  locked = false;
  expect(targets.goneWords('@c1')).toBe('a contact that is gone');
});
