import { rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Handlers } from '#core/broker/handlers.ts';
import { randomId } from '#core/crypto/ids.ts';
import type { vaultContract } from '#shared/contract/vault.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { Core } from '../core.ts';
import { tooFewFound } from '../failures.ts';
import { vaultKeys } from '../format/keys.ts';
import { identityFile, type PlaceIdentity } from '../format/place-identity.ts';
import { placesAtHome } from '../places/directory/find-again.ts';
import { holdsNoData, holdsNothing } from '../places/directory/holds.ts';
import { claim, inspect, isMarked } from '../places/directory/inspect.ts';
import type { PlannedPlace } from '../places/remembered.ts';
import { lookInto } from '../store/look-into.ts';
import { badPlace, checkApart, checkOutsideHome, isEmpty, ofEarlierVault, opens, placeName } from './place-checks.ts';

type Vault = Handlers<typeof vaultContract>;
type Profile = { readonly k: number; readonly m: number };
interface Seen {
  readonly path: string;
  readonly identity: PlaceIdentity | null;
  /** The directory was there before. */
  readonly there: boolean;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * Set-up of a new vault, or of one whose places are there already: that one is taken up whole, or nothing is done. An empty vault
 * gives way to one that is found so, for who restores an identity easily makes one before the old places are connected.
 */
export function setupHandler(
  core: Core,
  examine: (path: string) => Promise<PlaceIdentity | null>,
  status: Vault['vault.status'],
): (...input: Parameters<Vault['vault.setup']>) => Promise<Awaited<ReturnType<Vault['vault.setup']>>> {
  const { home } = core.deps;
  const newAtHome = ({ k, m }: Profile): string[] =>
    Array.from({ length: k + m }, (_, i) => join(home, 'places', String(i + 1)));
  /** In the data directory: what is there of this person's vault, whatever its profile; else new directories. */
  const defaultPaths = async (profile: Profile): Promise<string[]> => {
    const own = (await placesAtHome(home)).filter(({ identity }) => opens(core.root(), identity));
    return own.length > 0 ? own.map(({ path }) => path) : newAtHome(profile);
  };

  const look = (paths: readonly string[]): Promise<Seen[]> =>
    Promise.all(
      paths.map(async (path) => {
        const identity = await examine(path);
        return { path, identity, there: (await inspect(path)).kind !== 'absent' };
      }),
    );

  const plan = (seen: readonly Seen[]): PlannedPlace[] =>
    seen.map(({ path, identity }) => ({
      id: identity?.place ?? randomId(core.deps.host.random),
      path,
      name: placeName(home, path),
    }));

  const presentPlaces = () => (core.state() === 'none' ? [] : core.opened().catalogue.places());

  /** Where a vault stands in the way: it gives way to an earlier one when it is empty. @throws Fail ALREADY_EXISTS, BAD_PLACE */
  const checkPresent = async (seen: readonly Seen[]): Promise<void> => {
    if (core.state() === 'none') return;
    const { catalogue, vault } = await core.session();
    const earlier = seen.find(({ identity }) => identity && identity.vault !== hex(vault.id));
    if (!earlier) throw fail('ALREADY_EXISTS', 'There is a vault already.', { next: 'Add or remove places instead.' });
    if (!isEmpty(catalogue)) throw ofEarlierVault(earlier.path, false);
  };

  /** The empty vault goes, with its marks: its directories can be used for the one that takes its stead. */
  const giveWay = async (earlier: string): Promise<void> => {
    if (core.state() === 'none') return;
    const rows = presentPlaces();
    const vault = hex(core.opened().vault.id);
    if (!(await core.forget(isEmpty))) throw ofEarlierVault(earlier, false);
    for (const { id, path } of rows) {
      if (!(await isMarked(path, vault, id)) || !(await holdsNoData(path))) continue;
      await release(path).catch((error: unknown) =>
        core.deps.log.warn({ place: id, error: String(error) }, 'a place of the empty vault was not cleared'),
      );
    }
  };

  /** Marks for what bears none yet; all of them or none. */
  const claimAll = async (
    seen: readonly Seen[],
    planned: readonly PlannedPlace[],
    vault: Uint8Array,
    { k, m }: Profile,
  ): Promise<() => Promise<void>> => {
    const check = hex(vaultKeys(core.root(), vault).check);
    const createdAt = core.deps.host.now();
    const claimed: Seen[] = [];
    const undo = async (): Promise<void> => {
      for (const { path, there } of claimed) {
        await release(path).catch(() => {});
        if (there) continue;
        await rmdir(path).catch(() => {});
        if (dirname(path) === join(home, 'places')) await rmdir(dirname(path)).catch(() => {});
      }
    };
    try {
      for (const [i, place] of planned.entries()) {
        const at = seen[i];
        if (!at || at.identity) continue;
        const format = 'hypha-vault-place';
        const mark = { format, version: 1, vault: hex(vault), place: place.id, check, k, m, createdAt } as const;
        if (!(await claim(place.path, mark))) throw badPlace(place.path, 'it became a place of another vault just now');
        claimed.push(at);
      }
    } catch (error) {
      // Half a vault helps nobody: directories that were empty are so again.
      await undo();
      throw error;
    }
    return undo;
  };

  /** The places hold a vault of this person: all of it, or nothing. */
  const takeUp = async (seen: readonly Seen[], known: PlaceIdentity, othersLost: boolean): Promise<boolean> => {
    const vaultId = Buffer.from(known.vault, 'hex');
    const keys = vaultKeys(core.root(), vaultId);
    const marked = seen.filter(({ identity }) => identity !== null);
    const found = await lookInto(core.deps, known, keys, plan(marked));
    const first = marked[0]?.path ?? '';
    if (found.generation === 0) {
      const nothing = await Promise.all(marked.map(({ path }) => holdsNothing(path)));
      // Marks alone, of a set-up that was cut short.
      if (!found.incomplete && nothing.every(Boolean)) return false;
      throw tooFewFound(first, known.k, marked.length, null);
    }
    if (found.incomplete && !othersLost) {
      const named = new Set(marked.map(({ identity }) => identity?.place));
      const others = found.places.filter(({ id }) => !named.has(id)).map(({ name, path }) => `${name} (${path})`);
      throw tooFewFound(first, known.k, marked.length, others);
    }
    await giveWay(first);
    const planned = plan(seen);
    const undo = await claimAll(seen, planned, vaultId, known);
    try {
      await core.create(known, planned, vaultId);
      const { catalogue, publisher } = await core.session();
      // A place that was pulled out since the look.
      if ((catalogue.vault()?.published ?? 0) < found.generation)
        throw tooFewFound(first, known.k, marked.length, null);
      await core.rememberPlaces();
      // The vault is here, whole; that its places take nothing now is another matter, and its state says so.
      await publisher.publish().catch((error: unknown) => {
        if (!isFail(error, 'NOT_ENOUGH_PLACES') && !isFail(error, 'DISK_FULL')) throw error;
        core.deps.log.warn({ error: String(error) }, 'the catalogue could not be copied to the places');
      });
    } catch (error) {
      // Once the catalogue was copied anew, pieces of it may lie on the new places only: then the vault stays.
      if (await core.forget((catalogue) => (catalogue.vault()?.published ?? 0) <= found.generation)) await undo();
      throw error;
    }
    return true;
  };

  const makeNew = async (seen: readonly Seen[], profile: Profile): Promise<void> => {
    const vaultId = core.deps.host.random(16);
    const planned = plan(seen);
    // Identities first: a crash before the catalogue knows them leaves marks that hold nothing, which set-up takes anew.
    const undo = await claimAll(seen, planned, vaultId, profile);
    try {
      await core.create(profile, planned, vaultId);
      await core.rememberPlaces();
      await (await core.session()).publisher.publish();
    } catch (error) {
      await core.forget(() => true);
      await undo();
      if (!isFail(error, 'NOT_ENOUGH_PLACES') && !isFail(error, 'DISK_FULL')) throw error;
      throw fail(error.code, error.message, {
        meaning: 'No vault was set up, and the directories are as they were.',
        next: 'Name directories on disks that can be written to and have room, then set up again.',
        ...(error.data ? { data: error.data } : {}),
      });
    }
  };

  return async (input, context) => {
    core.root();
    if (core.state() !== 'none' && !input.paths) {
      throw fail('ALREADY_EXISTS', 'There is a vault already.', { next: 'Add or remove places instead.' });
    }
    const found = core.state() === 'none' ? core.found() : null;
    if (found?.missing && !input.paths) {
      throw fail('NOT_ENOUGH_PLACES', found.text, {
        meaning: 'No vault was set up, and nothing was changed.',
        next: `${found.next} If they are lost for good, set up a new vault in directories that you name: hypha vault setup DIRECTORY...`,
      });
    }
    const paths = (input.paths ?? (await defaultPaths(input.profile))).map((path) => resolve(path));
    await checkOutsideHome(home, paths);
    await checkApart(paths, []);
    const seen = await look(paths);
    await checkPresent(seen);
    const known = seen.find(({ identity }) => identity !== null)?.identity ?? null;
    if (known && seen.some(({ identity }) => identity && identity.vault !== known.vault)) {
      throw badPlace(paths.join(', '), 'they belong to different vaults', 'Name the places of one vault only.');
    }
    if (!known || !(await takeUp(seen, known, input.othersLost ?? false))) {
      const anew = known && !input.paths ? newAtHome(input.profile) : paths;
      // Too few to begin anew with, or a vault is there: they are of an earlier one, whose other places were not named.
      if (known && (core.state() !== 'none' || anew.length < known.k + known.m))
        throw tooFewFound(paths[0] ?? '', known.k, seen.length, null);
      checkEnough(anew, input.profile);
      for (const { path, identity } of seen) if (identity) await rm(join(path, identityFile), { force: true });
      await makeNew(await look(anew), input.profile);
    }
    core.changed([]);
    return status({}, context);
  };
}

/** The directory is as empty as before it became a place. Only for what is known to hold nothing of worth. */
async function release(path: string): Promise<void> {
  for (const own of ['p', 'c']) await rm(join(path, own), { recursive: true, force: true });
  await rm(join(path, identityFile), { force: true });
}

/** @throws Fail TOO_FEW_PLACES */
function checkEnough(paths: readonly string[], profile: Profile): void {
  const needed = profile.k + profile.m;
  if (paths.length < needed) {
    throw fail('TOO_FEW_PLACES', `${needed} places are needed, ${paths.length} were given.`, {
      next: 'Name more directories, or choose a smaller profile.',
    });
  }
}
