import { decode, encode } from '@msgpack/msgpack';
import { freeNow } from '#core/crypto/free.ts';
import { type PlaceSecret, placeSecretSchema } from '#shared/contract/vault.ts';
import type { VaultKeys } from './keys.ts';
import { openRow, sealRow } from './row.ts';

/**
 * What opens a remote place (a password, a key), sealed as the row "place <id>" of the catalogue: a msgpack map of those of
 * `password`, `secretKey`, `privateKey`, `keyPassword` that there are. It lies so in the local catalogue, in the copies of it on the
 * places and in `vault/places.json`.
 *
 * @returns null when nothing opens the place
 */
export function sealSecret(
  keys: VaultKeys,
  random: (n: number) => Uint8Array,
  place: string,
  secret: PlaceSecret,
): Uint8Array | null {
  const given = Object.fromEntries(Object.entries(secret).filter(([, value]) => value !== undefined));
  if (Object.keys(given).length === 0) return null;
  const plain = encode(given);
  const sealed = sealRow(keys, random, 'place', place, plain);
  freeNow(plain);
  return sealed;
}

/** @returns null for anything that these keys did not seal for this place */
export function openSecret(keys: VaultKeys, place: string, sealed: Uint8Array): PlaceSecret | null {
  const plain = openRow(keys, 'place', place, sealed);
  if (plain === null) return null;
  try {
    const parsed = placeSecretSchema.safeParse(decode(plain));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
