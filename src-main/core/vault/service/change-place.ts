import { resolve } from 'node:path';
import type { AddressInput, PlaceAddress, PlaceSecret } from '#shared/contract/vault.ts';
import type { Core, Session } from '../core.ts';
import type { VaultKeys } from '../format/keys.ts';
import { openSecret } from '../format/place-secret.ts';
import { isMarkedAt } from '../places/contents.ts';
import type { Spot } from '../places/open-backend.ts';
import type { PlaceRow } from '../store/catalogue.ts';
import { openingOf, type PlaceMarks, wholeAddressOf } from './new-place.ts';

const given = <T extends object>(parts: T): Partial<T> =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as Partial<T>;

/** What is known of a place with what was given now in its stead: an address of the same kind, and what opens it. */
export async function changedSpot(
  core: Pick<Core, 'deps' | 'root'>,
  row: Pick<PlaceRow, 'id' | 'address' | 'sealed'>,
  keys: VaultKeys,
  input: AddressInput & PlaceSecret,
): Promise<Spot> {
  const { kind: _, ...parts } = input;
  const before: AddressInput = row.address;
  const { host, port } = { ...before, ...given({ host: parts.host, port: parts.port }) };
  // Another server has another key, which is to be confirmed.
  const other = host !== before.host || port !== before.port;
  const merged = { ...before, ...(other ? { fingerprint: undefined } : {}), ...given(onlyAddress(parts)) };
  const whole = await wholeAddressOf(core.deps, { ...merged, kind: row.address.kind });
  const address: PlaceAddress = whole.kind === 'directory' ? { kind: 'directory', path: resolve(whole.path) } : whole;
  const now = openingOf(() => core.root(), address, input);
  const any = Object.values(now).some((value) => value !== undefined);
  const kept = row.sealed === null ? {} : (openSecret(keys, row.id, row.sealed) ?? {});
  return { address, secret: any ? now : kept };
}

function onlyAddress(input: AddressInput): AddressInput {
  const { kind, path, host, port, namespace, database, tls, user } = input;
  const { prefix, endpoint, region, bucket, accessKeyId, directory, fingerprint, contact, hostKey, room } = input;
  const first = { kind, path, host, port, namespace, database, tls, user };
  return { ...first, prefix, endpoint, region, bucket, accessKeyId, directory, fingerprint, contact, hostKey, room };
}

/** Where a place of the vault was written down, it still is. */
export async function isStillAt({ engine, keys, vault }: Session, row: PlaceRow): Promise<boolean> {
  const secret = row.sealed === null ? {} : (openSecret(keys, row.id, row.sealed) ?? {});
  const id = Buffer.from(vault.id).toString('hex');
  return isMarkedAt(engine.deps, { address: row.address, secret }, id, row.id);
}

const mebibyte = 1024 * 1024;

/** What was said about a place before it was changed, as the input that says it again. */
export function marksBefore(row: PlaceRow, changed: PlaceMarks): PlaceMarks {
  return {
    ...(changed.name === undefined ? {} : { name: row.name }),
    ...(changed.owner === undefined ? {} : { owner: row.owner }),
    ...(changed.site === undefined ? {} : { site: row.site }),
    ...(changed.limitMiB === undefined ? {} : { limitMiB: Math.round((row.limit ?? 0) / mebibyte) }),
    ...(changed.weight === undefined ? {} : { weight: row.weight }),
  };
}

/** The input of `vault.addPlace` that brings a place back. */
export function undoneBy({ name, address, owner, site, limit, weight }: PlaceRow): object {
  const room = limit === null ? {} : { limitMiB: Math.round(limit / mebibyte) };
  if (address.kind === 'directory' && `${owner}${site}` === '' && limit === null && weight === 1) {
    return { path: address.path, name };
  }
  return { ...address, name, owner, site, weight, ...room };
}
