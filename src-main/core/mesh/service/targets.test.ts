import { expect, it } from 'vitest';
import { addressText, parseAddress } from '../identity/ipv6-text.ts';
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
