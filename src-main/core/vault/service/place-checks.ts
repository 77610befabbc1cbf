import { basename, join } from 'node:path';
import { equalBytes } from '#core/crypto/equal.ts';
import { type PlaceAddress, whereWords } from '#shared/contract/vault.ts';
import { type Fail, fail } from '#shared/rpc/fail.ts';
import type { Opened } from '../core.ts';
import { notEnoughPlaces } from '../failures.ts';
import { vaultKeys } from '../format/keys.ts';
import type { PlaceIdentity } from '../format/place-identity.ts';
import { clash, whereabouts } from '../places/directory/apart.ts';
import { isInside } from '../places/directory/home-paths.ts';
import { overlap } from '../places/overlap.ts';
import type { Catalogue, PlaceRow } from '../store/catalogue.ts';

export const badPlace = (path: string, why: string, next = 'Choose an empty directory, best on another drive.'): Fail =>
  fail('BAD_PLACE', `${path} cannot be a place: ${why}.`, { meaning: 'Nothing was changed.', next });

/** Nothing is in the vault, nor ever was that could still be needed: not in the bin, not in packs, not from another writer. */
export const isEmpty = (catalogue: Catalogue): boolean =>
  catalogue.one(
    `SELECT 1 WHERE EXISTS (SELECT 1 FROM items) OR EXISTS (SELECT 1 FROM packs WHERE kind = 0)
     OR EXISTS (SELECT 1 FROM lineage WHERE gap > 0) OR EXISTS (SELECT 1 FROM places WHERE state = 'leaving')
     OR EXISTS (SELECT 1 FROM vault WHERE restored = 1)`,
  ) === null;

/** A directory is a place of another vault that this person's phrase opens. `empty`: the present vault holds nothing. */
export const ofEarlierVault = (path: string, empty: boolean): Fail =>
  empty
    ? fail('BAD_PLACE', `${path} belongs to an earlier vault of yours.`, {
        meaning:
          'Nothing was changed. Your present vault is empty, so the earlier one can take its stead, with all its files.',
        next: 'Connect the places of the earlier vault and take it up by naming them all: hypha vault setup DIRECTORY...',
        data: { earlier: true },
      })
    : fail('BAD_PLACE', `${path} belongs to another vault of yours.`, {
        meaning:
          'Nothing was changed. Your present vault holds files, and two vaults of one person cannot be merged yet.',
        next: 'To get at the other one, start Hypha with a second data directory (hypha --home DIRECTORY start), restore your 24 words there, set its vault up with the places of the other one, and export what you need. Then put that into this vault.',
        data: { earlier: true },
      });

/** Of the data directory, `places` alone is for places: the rest holds keys, the catalogue and machines. @throws Fail BAD_PLACE */
export async function checkOutsideHome(home: string, paths: readonly string[]): Promise<void> {
  const own = [await whereabouts(home)];
  const meant = [await whereabouts(join(home, 'places'))];
  for (const path of paths) {
    const where = await whereabouts(path);
    const found = clash(where, own);
    if (!found || found.how === 'around' || clash(where, meant)?.how === 'inside') continue;
    throw badPlace(path, 'it lies inside Hypha’s own data directory');
  }
}

/**
 * Two places in one another would delete each other's files; one directory under two names would count twice.
 *
 * @throws Fail ALREADY_EXISTS for a directory that is a place, BAD_PLACE
 */
export async function checkApart(paths: readonly string[], places: readonly string[]): Promise<void> {
  const known = await Promise.all(places.map(whereabouts));
  const chosen = await Promise.all(paths.map(whereabouts));
  for (const [i, one] of chosen.entries()) {
    const place = clash(one, known);
    if (place?.how === 'same') {
      const also = place.with.path === one.path ? '' : `: it is the same directory as ${place.with.path}`;
      throw fail('ALREADY_EXISTS', `${one.path} is a place already${also}.`, { next: 'Choose another directory.' });
    }
    const found = place ?? clash(one, chosen.slice(0, i));
    if (!found) continue;
    const other = found.with.path;
    if (found.how === 'inside') throw badPlace(one.path, `it lies inside the place ${other}`);
    if (found.how === 'around') throw badPlace(one.path, `the place ${other} lies inside it`);
    throw badPlace(one.path, one.path === other ? 'it was named twice' : `it is the same directory as ${other}`);
  }
}

/** An address is apart from the places there are. @throws Fail ALREADY_EXISTS, BAD_PLACE */
export async function checkFree(address: PlaceAddress, rows: readonly PlaceRow[]): Promise<void> {
  if (address.kind === 'directory') {
    const paths = rows.flatMap((row) => (row.address.kind === 'directory' ? [row.path] : []));
    return checkApart([address.path], paths);
  }
  const other = rows.find((row) => overlap(row.address, address));
  if (!other) return;
  const path = whereWords(address);
  if (path === other.path) {
    throw fail('ALREADY_EXISTS', `${path} is a place already.`, { next: 'Choose another one.' });
  }
  throw badPlace(path, `it is, or lies in or around, the place ${other.path}`, 'Choose another one.');
}

/** Whether a place could be taken out of use, as far as is known of the others now. @throws Fail NOT_FOUND, NOT_ENOUGH_PLACES */
export function checkRemoval({ engine, catalogue, vault }: Opened, id: string): PlaceRow {
  const row = catalogue.places().find((p) => p.id === id);
  if (!row) throw fail('NOT_FOUND', 'There is no such place.', { next: 'Look at the list of places.' });
  const others = engine.places.writable().filter((c) => c.id !== id);
  if (others.length >= vault.k + vault.m) return row;
  const { data } = notEnoughPlaces(others.length, vault.k + vault.m);
  throw fail('NOT_ENOUGH_PLACES', 'The other places are too few to take over what lies here.', {
    meaning: 'The place stays in use; nothing was moved.',
    next: 'Add another place first, then remove this one.',
    ...(data ? { data } : {}),
  });
}

export const opens = (root: Uint8Array, identity: PlaceIdentity): boolean =>
  equalBytes(vaultKeys(root, Buffer.from(identity.vault, 'hex')).check, Buffer.from(identity.check, 'hex'));

export function placeName(home: string, path: string): string {
  return isInside(home, path) ? `Place ${basename(path)}` : basename(path) || path;
}
