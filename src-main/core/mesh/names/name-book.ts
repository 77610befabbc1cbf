import { fromHex, toHex } from '#core/crypto/encoding.ts';
import { addressOf } from '../identity/address.ts';
import { labelsOf, nameOfText } from './dns-name.ts';
import type { NameLookup } from './zone.ts';

/** What the book is made of, given by whoever knows contacts and devices. Mesh keys are X25519 public keys in hex. */
export interface NameSources {
  /** People by the label the person gave them. */
  people(): readonly { readonly label: string; readonly meshKeys: readonly string[] }[];
  /** The person's own devices: `LABEL.me`, and `me` for this one. */
  devices(): readonly { readonly label: string; readonly meshKey: string; readonly current: boolean }[];
  /** A machine's addresses: of this person (`owner` null) or of a contact; null for one that is not known. */
  machine?(name: string, owner: string | null): readonly Uint8Array[] | null;
}

/** Names below `.hypha` and what they stand for. */
export interface NameBook extends NameLookup {
  /** Addresses of a name as people write it: `ann`, `ANN.hypha`, `web.ann.hypha.`; empty when nobody has it. */
  addresses(name: string): Uint8Array[];
  /** People or devices changed: what was computed is forgotten. */
  changed(): void;
}

const own = 'me';

export function createNameBook(sources: NameSources): NameBook {
  let known: { byName: Map<string, Uint8Array[]>; byAddress: Map<string, string> } | null = null;

  function book() {
    if (known !== null) return known;
    const byName = new Map<string, Uint8Array[]>();
    const byAddress = new Map<string, string>();
    const put = (name: string, keys: readonly string[]) => {
      const addresses = keys.flatMap((key) => {
        const bytes = fromHex(key);
        return bytes?.length === 32 ? [addressOf(bytes)] : [];
      });
      byName.set(name, addresses);
      // The first name of an address is the one it goes by.
      for (const address of addresses) if (!byAddress.has(toHex(address))) byAddress.set(toHex(address), name);
    };
    for (const { label, meshKeys } of sources.people()) put(label, meshKeys);
    const devices = sources.devices();
    for (const { label, meshKey } of devices) put(`${label}.${own}`, [meshKey]);
    // `me` is there as soon as it has devices below it, whether or not this one has its keys.
    if (devices.length > 0)
      put(
        own,
        devices.filter(({ current }) => current).map(({ meshKey }) => meshKey),
      );
    known = { byName, byAddress };
    return known;
  }

  function find(labels: readonly string[]): readonly Uint8Array[] | null {
    const direct = book().byName.get(labels.join('.'));
    if (direct !== undefined) return direct;
    const [machine, owner, ...more] = labels;
    if (machine === undefined || owner === undefined || more.length > 0) return null;
    if (owner !== own && !book().byName.has(owner)) return null;
    return sources.machine?.(machine, owner === own ? null : owner) ?? null;
  }

  return {
    find,
    nameOf: (address) => book().byAddress.get(toHex(address)) ?? null,
    addresses(name) {
      const labels = labelsOf(nameOfText(name.replace(/\.$/, '')));
      if (labels === null) return [];
      return [...(find(labels.at(-1) === 'hypha' ? labels.slice(0, -1) : labels) ?? [])];
    },
    changed() {
      known = null;
    },
  };
}
