import { setImmediate } from 'node:timers/promises';
import { u32, type VaultKeys } from '../format/keys.ts';
import { openSecret, sealSecret } from '../format/place-secret.ts';
import { isOfNow } from '../format/row.ts';
import { keyOfPack, wrapPackKey } from '../format/wrapped-key.ts';
import type { Catalogue, PackRow } from '../store/catalogue.ts';
import type { Engine } from '../store/engine.ts';

/** Packs whose keys are wrapped anew in one transaction: some milliseconds. */
const atOnce = 256;

const behind = `kind = 0 AND state = 'stored' AND (wrapped IS NULL OR substr(wrapped, 1, 4) <> ?)`;

/** What is still under the keys of an earlier epoch, of what the present one should open. */
export interface Behind {
  /** Packs whose key is wrapped under an earlier one, or not at all. */
  readonly packs: number;
  /** Copies of the catalogue on places that are here. */
  readonly copies: number;
  /** Places whose password is sealed under an earlier one. */
  readonly places: number;
}

export function behindNow(catalogue: Catalogue, keys: VaultKeys): Behind {
  const count = (query: string, value: Uint8Array | number): number =>
    catalogue.one<{ n: number }>(query, value)?.n ?? 0;
  return {
    packs: count(`SELECT count(*) AS n FROM packs WHERE ${behind}`, u32(keys.now())),
    copies: count(`SELECT count(*) AS n FROM packs WHERE kind <> 0 AND state = 'stored' AND epoch < ?`, keys.now()),
    places: catalogue.places().filter(({ sealed }) => sealed !== null && !isOfNow(keys, sealed)).length,
  };
}

/**
 * Wrap the keys of all packs under the present epoch, some hundreds in a transaction. Their shards stay as they are. A kill between two
 * transactions leaves packs of both kinds, which can be read alike; the next call goes on with the rest.
 *
 * @param signal stops it between two transactions
 * @returns packs whose key could not be opened: they stay as they are
 */
export async function rewrapPacks(
  { catalogue, deps }: Pick<Engine, 'catalogue' | 'deps'>,
  keys: VaultKeys,
  signal: AbortSignal,
  progress: (done: number) => void = () => {},
): Promise<{ done: number; left: number }> {
  const now = u32(keys.now());
  let done = 0;
  let left = 0;
  for (let last = 0; ; ) {
    signal.throwIfAborted();
    const packs = catalogue.all<Pick<PackRow, 'seq' | 'id' | 'epoch' | 'wrapped'>>(
      `SELECT seq, id, epoch, wrapped FROM packs WHERE seq > ? AND ${behind} ORDER BY seq LIMIT ${atOnce}`,
      last,
      now,
    );
    if (packs.length === 0) return { done, left };
    catalogue.transaction(() => {
      for (const pack of packs) {
        const key = keyOfPack(keys, pack);
        last = pack.seq;
        if (!key) {
          left++;
          continue;
        }
        catalogue.packKey(pack.seq, wrapPackKey(keys, deps.host.random, pack.id, key));
        done++;
      }
    });
    deps.probe?.('keys-wrapped');
    progress(done);
    await setImmediate();
  }
}

/** Seal what opens the places under the present epoch, in one transaction. @returns how many there were */
export function resealPlaces(
  { catalogue, places, deps }: Pick<Engine, 'catalogue' | 'places' | 'deps'>,
  keys: VaultKeys,
): number {
  const old = catalogue.places().filter(({ sealed }) => sealed !== null && !isOfNow(keys, sealed));
  let done = 0;
  if (old.length === 0) return done;
  catalogue.transaction(() => {
    for (const place of old) {
      const secret = place.sealed && openSecret(keys, place.id, place.sealed);
      // One that does not open stays as it is, for the person to type it anew.
      if (!secret) continue;
      catalogue.putPlace({ ...place, sealed: sealSecret(keys, deps.host.random, place.id, secret) });
      done++;
    }
  });
  // In the same turn: connections go on under the same secret.
  places.learn(keys);
  deps.probe?.('places-resealed');
  return done;
}
