import {
  type AddressInput,
  addressOf,
  hostOf,
  type PlaceAddress,
  type PlaceSecret,
  placeSecretSchema,
  whereWords,
} from '#shared/contract/vault.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { PlannedPlace } from '../places/remembered.ts';
import type { VaultDeps } from '../ports.ts';
import { roomSecret } from '../remote/friend/target.ts';
import { readHostKey } from '../remote/sftp/connect.ts';
import { reasonOf } from '../remote/trouble.ts';
import { friendAddress } from './friend-place.ts';
import { badPlace } from './place-checks.ts';

/** What is said about a place besides its address, as the contract takes it. */
export interface PlaceMarks {
  readonly name?: string | undefined;
  readonly owner?: string | undefined;
  readonly site?: string | undefined;
  readonly limitMiB?: number | undefined;
  readonly weight?: number | undefined;
}

const mebibyte = 1024 * 1024;

/** Those that were given; of a room at a contact's it is known whose it is. */
export function marksOf({
  owner,
  site,
  limitMiB,
  weight,
}: PlaceMarks): Pick<PlannedPlace, 'owner' | 'site' | 'limit' | 'weight'> {
  return {
    ...(owner === undefined ? {} : { owner }),
    ...(site === undefined ? {} : { site }),
    ...(limitMiB === undefined ? {} : { limit: limitMiB === 0 ? null : limitMiB * mebibyte }),
    ...(weight === undefined ? {} : { weight }),
  };
}

/** Only what opens a place, of an input that says more. */
export const secretOf = (input: PlaceSecret): PlaceSecret => placeSecretSchema.parse(input);

/**
 * The address that was given, whole. Of an SFTP server the person must have confirmed the key first: without that, the key it
 * shows is in the failure, to be shown and given back.
 *
 * @throws Fail CONFIRM_FINGERPRINT, BAD_PLACE
 */
export async function wholeAddressOf(
  deps: Pick<VaultDeps, 'host' | 'streams'>,
  input: AddressInput,
): Promise<PlaceAddress> {
  const address = addressOf(input);
  // The contract has checked that nothing is missing.
  if (address === null) throw badPlace('This', 'its address is not whole', 'Say where it is.');
  if (address.kind === 'friend') return friendAddress(deps, address);
  if (address.kind !== 'sftp') return address;
  const { fingerprint } = address;
  if (fingerprint !== null) return { ...address, fingerprint };
  const shown = await readHostKey(address, deps.host).catch((error: unknown) => {
    const { text, next } = reasonOf(error);
    throw badPlace(whereWords(address), text.replace(/\.$/, ''), next);
  });
  throw fail('CONFIRM_FINGERPRINT', `The key of ${hostOf(address)} is ${shown}.`, {
    meaning: 'Nothing was sent to it yet. Whoever has another key than your server is not your server.',
    next: `Compare it with what the server itself says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub). If it is the same, go on with it: --fingerprint "${shown}"`,
    data: { fingerprint: shown },
  });
}

/** A name for a server's place that a person would give it. */
export const serverName = (address: PlaceAddress): string => {
  if (address.kind === 'friend') return whereWords(address).slice(0, 64);
  const host = hostOf(address) ?? '';
  return (address.kind === 's3' ? `${address.bucket} at ${host}` : host).slice(0, 64);
};

export const sameSpot = (a: PlaceAddress, b: PlaceAddress): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What opens a place: of a room at a contact's it is made of the person's keys, and of all others it is given. */
export const openingOf = (root: () => Uint8Array, address: PlaceAddress, input: PlaceSecret): PlaceSecret =>
  address.kind === 'friend' ? { password: roomSecret(root(), address.room) } : secretOf(input);
