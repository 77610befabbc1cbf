import { fromHex } from '#core/crypto/ids.ts';
import { addressOf } from '../identity/address.ts';
import { createNameBook, type NameBook } from '../names/name-book.ts';
import { subnetOf } from '../wire/prefix.ts';
import type { Names, People } from './ports.ts';

/** What is known of people, by name, by address and by contact. */
export interface Known extends Names {
  /** For the name responder. */
  readonly book: NameBook;
  /** People or devices changed: what was computed is forgotten. */
  changed(): void;
}

export function createKnown(people: People): Known {
  const book = createNameBook({
    people: people.names,
    devices: people.ownDevices,
    ...(people.machine === undefined ? {} : { machine: people.machine }),
  });
  let subnets: {
    readonly names: Map<string, string>;
    readonly known: Set<string>;
    /** Whole keys, hex. */
    readonly keys: Set<string>;
  } | null = null;

  /** By /64, since whoever holds a node's key may use any address of it. */
  const bySubnet = () => {
    if (subnets !== null) return subnets;
    const names = new Map<string, string>();
    const known = new Set<string>();
    const keys = new Set<string>();
    for (const { label, meshKeys } of people.names()) {
      for (const subnet of meshKeys.flatMap(subnetKey)) names.set(subnet, label);
    }
    for (const { label, meshKey } of people.ownDevices()) {
      for (const subnet of subnetKey(meshKey)) {
        names.set(subnet, `${label}.me`);
        known.add(subnet);
      }
      keys.add(meshKey);
    }
    for (const { meshKeys, blocked } of people.peers()) {
      if (blocked) continue;
      for (const subnet of meshKeys.flatMap(subnetKey)) known.add(subnet);
      for (const key of meshKeys) keys.add(key);
    }
    subnets = { names, known, keys };
    return subnets;
  };

  const labelOf = (name: string): string =>
    name
      .toLowerCase()
      .replace(/\.$/, '')
      .replace(/\.hypha$/, '');

  return {
    book,
    addresses: (name) => book.addresses(name),
    nameOf: (address) => bySubnet().names.get(subnetOf(address).key) ?? null,
    isKnownKey: (publicKey) => bySubnet().keys.has(publicKey),
    blocked: () => people.peers().flatMap(({ blocked, meshKeys }) => (blocked ? meshKeys.flatMap(addressesOf) : [])),
    isKnown: (address) => bySubnet().known.has(subnetOf(address).key),
    contactOf(name) {
      const label = labelOf(name);
      return people.names().find((one) => one.label === label)?.contact ?? null;
    },
    contact(id) {
      const peer = people.peers().find((one) => one.contact === id);
      if (peer === undefined) return null;
      const named = people.names().find((one) => one.contact === id);
      return {
        name: named?.label ?? null,
        addresses: peer.blocked ? [] : peer.meshKeys.flatMap(addressesOf),
        verified: named?.verified ?? null,
      };
    },
    about(id) {
      const said = people.about?.(id) ?? null;
      const label = people.names().find((one) => one.contact === id)?.label ?? said?.label ?? null;
      const peer = people.peers().find((one) => one.contact === id);
      const petname = said?.petname ?? null;
      // Who is there without a device is not gone: their card may not have come yet, or their last device was revoked.
      if (said?.removed) return { petname, label, state: 'gone' };
      if (said?.blocked || peer?.blocked) return { petname, label, state: 'blocked' };
      return { petname, label, state: peer === undefined && said === null ? 'gone' : 'known' };
    },
    isBlocked(name) {
      const label = labelOf(name);
      return people.peers().some(({ contact, blocked }) => blocked && people.about?.(contact)?.label === label);
    },
    all: () => [
      ...people.names().map(({ label }) => label),
      ...people.ownDevices().flatMap(({ label, current }) => (current ? [] : [`${label}.me`])),
    ],
    changed() {
      subnets = null;
      book.changed();
    },
  };
}

function addressesOf(meshKey: string): Uint8Array[] {
  const key = fromHex(meshKey);
  return key?.length === 32 ? [addressOf(key)] : [];
}

function subnetKey(meshKey: string): string[] {
  return addressesOf(meshKey).map((address) => subnetOf(address).key);
}
