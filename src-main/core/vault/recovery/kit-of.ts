import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import type { PlaceSecret } from '#shared/contract/vault.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import type { Session } from '../core.ts';
import { openSecret } from '../format/place-secret.ts';
import { isInside } from '../places/directory/home-paths.ts';
import { inspect } from '../places/directory/inspect.ts';
import type { VaultDeps } from '../ports.ts';
import type { PlaceRow } from '../store/catalogue.ts';
import { newestHead } from '../store/heads.ts';
import { type Kit, type KitBody, sealKit } from './kit-format.ts';

/** What opens the places, as far as it can be opened here. `null` for one whose credentials are damaged. */
export function secretsOf({ keys, catalogue }: Pick<Session, 'keys' | 'catalogue'>): Map<string, PlaceSecret | null> {
  const rows = catalogue.places();
  return new Map(rows.map(({ id, sealed }) => [id, sealed === null ? {} : openSecret(keys, id, sealed)]));
}

/** A kit of the vault as it is now. */
export function kitOf(
  deps: Pick<VaultDeps, 'host'>,
  session: Pick<Session, 'keys' | 'catalogue' | 'vault'>,
  about: Pick<KitBody, 'person' | 'settings'>,
): Kit {
  const { keys, vault, catalogue } = session;
  const body: KitBody = {
    v: 1,
    vault: toHex(vault.id),
    check: toHex(vault.check),
    ...{ k: vault.k, m: vault.m },
    madeAt: deps.host.now(),
    ...about,
    places: catalogue
      .places()
      .filter(({ state }) => state === 'active')
      .map(({ id, name, owner, site, address }) => ({ id, name: name.slice(0, 64), owner, site, address })),
  };
  const known = [...secretsOf(session)].filter((entry): entry is [string, PlaceSecret] => {
    const secret = entry[1];
    return secret !== null && Object.keys(secret).length > 0;
  });
  return sealKit(keys, deps.host.random, body, { secrets: Object.fromEntries(known), state: newestHead(catalogue) });
}

/** Changes with anything of the places that a kit would have to know. Not secret: what opens them goes in as it lies sealed. */
export const stateOfPlaces = (rows: readonly PlaceRow[]): string =>
  toHex(
    sha256(
      utf8(
        canonicalJson(
          rows
            .filter(({ state }) => state === 'active')
            .map(({ id, address, sealed }) => ({ id, address, sealed: sealed === null ? '' : toHex(sealed) }))
            .sort((a, b) => (a.id < b.id ? -1 : 1)),
        ),
      ),
    ),
  );

/** Which places are lost with this computer: on a disk that the data directory is on too, below it, or a server here. */
export async function placesHere(home: string, rows: readonly PlaceRow[]): Promise<Set<string>> {
  const { device } = await inspect(home);
  return new Set(
    rows
      .filter((row) => row.device === device || (row.address.kind === 'directory' && isInside(home, row.address.path)))
      .map(({ id }) => id),
  );
}
