import {
  type Place,
  type PlaceAddress,
  type PlaceKind,
  type PlaceTest,
  placeCallWords,
  usualPorts,
} from '#shared/contract/vault.ts';
import type { In } from '../../../lib/agent/hooks.ts';

/** What can be typed about a place; `limit` is in GiB. */
export const placeKeys = [
  'path',
  'endpoint',
  'bucket',
  'host',
  'port',
  'namespace',
  'database',
  'user',
  'accessKeyId',
  'directory',
  'prefix',
  'region',
  'password',
  'secretKey',
  'privateKey',
  'keyPassword',
  'fingerprint',
  'contact',
] as const;
export type PlaceKey = (typeof placeKeys)[number];
export type PlaceValues = Readonly<Partial<Record<PlaceKey | 'name' | 'owner' | 'site' | 'limit', string>>> & {
  readonly tls?: boolean;
};

export interface PlaceField {
  readonly key: Exclude<PlaceKey, 'fingerprint'>;
  readonly needed: boolean;
  readonly look: 'text' | 'secret' | 'area';
  /** Stands in for what is left out. */
  readonly usual?: string;
}

const text = (key: PlaceField['key'], needed = true, usual?: string): PlaceField => ({
  key,
  needed,
  look: 'text',
  ...(usual === undefined ? {} : { usual }),
});
const secret = (key: PlaceField['key'], needed = true): PlaceField => ({ key, needed, look: 'secret' });

/** What a place of each kind asks for, in the order a person has it. */
export const placeFields: Readonly<Record<PlaceKind, readonly PlaceField[]>> = {
  directory: [text('path')],
  s3: [
    text('endpoint'),
    text('bucket'),
    text('accessKeyId'),
    secret('secretKey'),
    text('prefix', false),
    text('region', false),
  ],
  sftp: [
    text('host'),
    text('port', false, String(usualPorts.sftp)),
    text('user'),
    secret('password', false),
    { key: 'privateKey', needed: false, look: 'area' },
    secret('keyPassword', false),
    text('directory'),
  ],
  redis: [
    text('host'),
    text('port', false, String(usualPorts.redis)),
    text('database', false, '0'),
    text('user', false),
    secret('password', false),
  ],
  zdb: [text('host'), text('port', false, String(usualPorts.zdb)), text('namespace'), secret('password', false)],
  friend: [text('contact')],
};

const secretKeys: readonly string[] = ['password', 'secretKey', 'privateKey', 'keyPassword'];

/** What is needed and was not typed. What opens a place that is there already may stay as it is. */
export function missingIn(kind: PlaceKind, values: PlaceValues, changing: boolean): readonly PlaceKey[] {
  const empty = (key: PlaceKey): boolean => (values[key] ?? '').trim() === '';
  const missing: PlaceKey[] = placeFields[kind]
    .filter(({ key, needed }) => needed && empty(key) && !(changing && secretKeys.includes(key)))
    .map(({ key }) => key);
  if (kind === 'sftp' && !changing && empty('password') && empty('privateKey')) missing.push('password');
  return missing;
}

type Address = Omit<In<'vault.testPlace'>, 'place'>;

/** The address and what opens it, as the agent takes them. */
export function addressInput(kind: PlaceKind, values: PlaceValues): Address {
  const input: Record<string, unknown> = { kind };
  for (const { key } of placeFields[kind]) {
    const value = values[key] ?? '';
    // A space may belong to a password.
    const typed = secretKeys.includes(key) ? value : value.trim();
    if (typed === '') continue;
    input[key] = key === 'port' || key === 'database' ? Number(typed) : typed;
  }
  if (kind === 'redis' && values.tls) input['tls'] = true;
  if (kind === 'sftp' && values.fingerprint) input['fingerprint'] = values.fingerprint;
  return input as Address;
}

/** What is said about a place besides; what was left empty is left out unless `all`. */
export function marksInput(
  values: PlaceValues,
  all: boolean,
): Pick<In<'vault.addPlace'>, 'name' | 'owner' | 'site' | 'limitMiB'> {
  const { name = '', owner = '', site = '', limit = '' } = values;
  const gib = Number(limit.replace(',', '.'));
  return {
    ...(name.trim() === '' ? {} : { name: name.trim().slice(0, 64) }),
    ...(all || owner.trim() !== '' ? { owner: owner.trim() } : {}),
    ...(all || site.trim() !== '' ? { site: site.trim() } : {}),
    ...(all || limit.trim() !== '' ? { limitMiB: Number.isFinite(gib) ? Math.round(gib * 1024) : 0 } : {}),
  };
}

/** A place as it stands in the form; what opens it is not known here. */
export function valuesOf(place: Place): PlaceValues {
  const { kind: _, ...parts } = place.address;
  const typed = Object.entries(parts).filter(([, value]) => typeof value !== 'boolean');
  return {
    ...Object.fromEntries(typed.map(([key, value]) => [key, String(value)])),
    ...(place.address.kind === 'redis' ? { tls: place.address.tls } : {}),
    name: place.name,
    owner: place.owner,
    site: place.site,
    limit: place.limit === null ? '' : String(Math.round((place.limit / 1024 ** 3) * 100) / 100),
  };
}

/** The parts of the address that are others now, and what opens it where that was typed. */
export function changesInput(before: PlaceAddress, now: Address): Address {
  const { kind: _, ...parts } = now;
  const old = before as unknown as Record<string, unknown>;
  return Object.fromEntries(Object.entries(parts).filter(([key, value]) => old[key] !== value)) as Address;
}

/** Whether it can be used as it was found. */
export const isGood = ({ found }: Pick<PlaceTest, 'found'>): boolean => found === 'usable' || found === 'here';

/** A place that was typed, and is to be used at set-up. */
export interface ChosenPlace {
  readonly kind: PlaceKind;
  readonly values: PlaceValues;
}

/** Places as set-up takes them: what opens them apart, in the same order. */
export function setupInput(chosen: readonly ChosenPlace[]): Pick<In<'vault.setup'>, 'places' | 'credentials'> {
  const split = chosen.map(({ kind, values }) => {
    const all = Object.entries({ ...addressInput(kind, values), ...marksInput(values, false) });
    const open = all.filter(([key]) => !secretKeys.includes(key));
    return { open, secret: all.filter(([key]) => secretKeys.includes(key)) };
  });
  return {
    places: split.map(({ open }) => Object.fromEntries(open)),
    credentials: split.map(({ secret: typed }) => Object.fromEntries(typed)),
  };
}

/** What a chosen place is called in a list: its name, or where it is. */
export const chosenWords = ({ kind, values }: ChosenPlace): string =>
  values.name?.trim() || placeCallWords(addressInput(kind, values));
