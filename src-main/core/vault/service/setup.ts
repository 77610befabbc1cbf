import { rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Handlers } from '#core/broker/handlers.ts';
import { randomId } from '#core/crypto/ids.ts';
import { ownerOf, type PlaceAddress, type vaultContract, whereWords } from '#shared/contract/vault.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import type { Core } from '../core.ts';
import { mixedStates, olderThanKit, tooFewFound } from '../failures.ts';
import { vaultKeys } from '../format/keys.ts';
import type { PlaceIdentity } from '../format/place-identity.ts';
import { openSecret } from '../format/place-secret.ts';
import { claimAt, holdsNoData, holdsNothing, isMarkedAt, release } from '../places/contents.ts';
import { placesAtHome } from '../places/directory/find-again.ts';
import type { Spot } from '../places/open-backend.ts';
import { overlap } from '../places/overlap.ts';
import type { PlannedPlace } from '../places/remembered.ts';
import type { KnownState } from '../recovery/kit-format.ts';
import { isOlder } from '../store/heads.ts';
import { lookInto } from '../store/look-into.ts';
import { noteOlderThanKit } from '../store/told-states.ts';
import { type Examined, examine } from './examine.ts';
import { marksOf, openingOf, serverName, wholeAddressOf } from './new-place.ts';
import { badPlace, checkApart, checkOutsideHome, isEmpty, ofEarlierVault, opens, placeName } from './place-checks.ts';

type Vault = Handlers<typeof vaultContract>;
type Input = Parameters<Vault['vault.setup']>[0];
type Profile = { readonly k: number; readonly m: number };
/** A place that was named, and what the person said of it. */
interface Wanted {
  readonly spot: Spot;
  readonly marks: Partial<PlannedPlace>;
}
interface Seen extends Wanted, Examined {
  readonly path: string;
}

const wantDirectory = (path: string): Wanted => ({
  spot: { address: { kind: 'directory', path: resolve(path) }, secret: {} },
  marks: {},
});
const directories = (wanted: readonly Wanted[]): string[] =>
  wanted.flatMap(({ spot: { address } }) => (address.kind === 'directory' ? [address.path] : []));

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** `known`: the state that a recovery kit knew. */
export type Setup = (
  ...input: [...Parameters<Vault['vault.setup']>, known?: KnownState | null]
) => ReturnType<Vault['vault.setup']>;

/**
 * Set-up of a new vault, or of one whose places are there already: that one is taken up whole, or nothing is done. An empty vault
 * gives way to one that is found so, for who restores an identity easily makes one before the old places are connected.
 */
export function setupHandler(
  core: Core,
  status: Vault['vault.status'],
): (...input: Parameters<Setup>) => Promise<Awaited<ReturnType<Setup>>> {
  const { home } = core.deps;
  const newAtHome = ({ k, m }: Profile): string[] =>
    Array.from({ length: k + m }, (_, i) => join(home, 'places', String(i + 1)));
  /** In the data directory: what is there of this person's vault, whatever its profile; else new directories. */
  const defaultPaths = async (profile: Profile): Promise<string[]> => {
    const own = (await placesAtHome(home)).filter(({ identity }) => opens(core.root(), identity));
    return own.length > 0 ? own.map(({ path }) => path) : newAtHome(profile);
  };

  const look = (wanted: readonly Wanted[]): Promise<Seen[]> =>
    Promise.all(
      wanted.map(async (one) => ({
        ...one,
        ...(await examine(core, one.spot)),
        path: whereWords(one.spot.address),
      })),
    );

  const nameOf = (address: PlaceAddress): string =>
    address.kind === 'directory' ? placeName(home, address.path) : serverName(address);

  const plan = (seen: readonly Seen[]): PlannedPlace[] =>
    seen.map(({ spot, marks, identity }) => ({
      id: identity?.place ?? randomId(core.deps.host.random),
      name: nameOf(spot.address),
      ...spot,
      ...marks,
    }));

  /** The places that were named, directories and others. @throws Fail CONFIRM_FINGERPRINT, BAD_PLACE */
  const wantedOf = async (input: Input): Promise<Wanted[]> => {
    const servers: Wanted[] = [];
    for (const [i, one] of (input.places ?? []).entries()) {
      const { name } = one;
      const marks = { ...marksOf(one), ...(name === undefined ? {} : { name }) };
      const address = await wholeAddressOf(core.deps, one);
      if (address.kind === 'directory') servers.push({ ...wantDirectory(address.path), marks });
      else {
        const secret = openingOf(() => core.root(), address, input.credentials?.[i] ?? {});
        servers.push({ spot: { address, secret }, marks: { owner: ownerOf(address), ...marks } });
      }
    }
    return [...(input.paths ?? []).map(wantDirectory), ...servers];
  };

  /** @throws Fail BAD_PLACE */
  const checkServersApart = (wanted: readonly Wanted[]): void => {
    for (const [i, { spot }] of wanted.entries()) {
      const other = wanted.slice(0, i).find((before) => overlap(before.spot.address, spot.address));
      if (other) {
        throw badPlace(whereWords(spot.address), `it is, or lies in or around, ${whereWords(other.spot.address)}`);
      }
    }
  };

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
    const { keys } = await core.session();
    const rows = presentPlaces().map(({ id, address, sealed }) => ({
      id,
      spot: { address, secret: (sealed && openSecret(keys, id, sealed)) ?? {} },
    }));
    const vault = hex(core.opened().vault.id);
    if (!(await core.forget(isEmpty))) throw ofEarlierVault(earlier, false);
    for (const { id, spot } of rows) {
      if (!(await isMarkedAt(core.deps, spot, vault, id)) || !(await holdsNoData(core.deps, spot))) continue;
      await release(core.deps, spot, { vault, place: id }).catch((error: unknown) =>
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
    const claimed: { seen: Seen; mark: PlaceIdentity }[] = [];
    const undo = async (): Promise<void> => {
      for (const { seen: one, mark } of claimed) {
        const { spot, path } = one;
        await release(core.deps, spot, mark).catch(() => {});
        if (one.there || spot.address.kind !== 'directory') continue;
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
        if (!(await claimAt(core.deps, at.spot, mark)))
          throw badPlace(at.path, 'it became a place of another vault just now');
        claimed.push({ seen: at, mark });
      }
    } catch (error) {
      // Half a vault helps nobody: directories that were empty are so again.
      await undo();
      throw error;
    }
    return undo;
  };

  /** The places hold a vault of this person: all of it, or nothing. */
  const takeUp = async (
    seen: readonly Seen[],
    known: PlaceIdentity,
    othersLost: boolean,
    state: KnownState | null,
  ): Promise<boolean> => {
    const vaultId = Buffer.from(known.vault, 'hex');
    const keys = vaultKeys(core.root(), vaultId);
    const marked = seen.filter(({ identity }) => identity !== null);
    const found = await lookInto(core.deps, known, keys, plan(marked));
    const first = marked[0]?.path ?? '';
    if (found.generation === 0) {
      const nothing = await Promise.all(marked.map(({ spot }) => holdsNothing(core.deps, spot)));
      // Marks alone, of a set-up that was cut short.
      if (!found.incomplete && nothing.every(Boolean)) return false;
      throw tooFewFound(first, known.k, marked.length, null);
    }
    const older = state !== null && isOlder(found, state) ? state : null;
    if (older && !othersLost) throw olderThanKit(found.at, older.at);
    if (found.mixed && !othersLost) throw mixedStates(found.at);
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
      if (older) noteOlderThanKit(catalogue, older, found.at, core.deps.host.now());
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
        meaning: 'No vault was set up, and the places are as they were.',
        next: 'Name places that can be written to and have room, then set up again.',
        ...(error.data ? { data: error.data } : {}),
      });
    }
  };

  return async (input, context, state = null) => {
    core.root();
    const named = input.paths !== undefined || input.places !== undefined;
    if (core.state() !== 'none' && !named) {
      throw fail('ALREADY_EXISTS', 'There is a vault already.', { next: 'Add or remove places instead.' });
    }
    const found = core.state() === 'none' ? core.found() : null;
    if (found?.missing && !named) {
      throw fail('NOT_ENOUGH_PLACES', found.text, {
        meaning: 'No vault was set up, and nothing was changed.',
        next: `${found.next} If they are lost for good, set up a new vault in directories that you name: hypha vault setup DIRECTORY...`,
      });
    }
    const wanted = named ? await wantedOf(input) : (await defaultPaths(input.profile)).map(wantDirectory);
    await checkOutsideHome(home, directories(wanted));
    await checkApart(directories(wanted), []);
    checkServersApart(wanted);
    const seen = await look(wanted);
    await checkPresent(seen);
    const known = seen.find(({ identity }) => identity !== null)?.identity ?? null;
    if (known && seen.some(({ identity }) => identity && identity.vault !== known.vault)) {
      throw badPlace(
        seen.map(({ path }) => path).join(', '),
        'they belong to different vaults',
        'Name the places of one vault only.',
      );
    }
    if (!known || !(await takeUp(seen, known, input.othersLost ?? false, state))) {
      const anew = known && !named ? newAtHome(input.profile).map(wantDirectory) : wanted;
      // Too few to begin anew with, or a vault is there: they are of an earlier one, whose other places were not named.
      if (known && (core.state() !== 'none' || anew.length < known.k + known.m))
        throw tooFewFound(seen[0]?.path ?? '', known.k, seen.length, null);
      checkEnough(anew, input.profile);
      // Marks alone: what was begun and cut short.
      for (const { spot, identity } of seen) if (identity) await release(core.deps, spot, identity);
      await makeNew(await look(anew), input.profile);
    }
    core.changed([]);
    return status({}, context);
  };
}

/** @throws Fail TOO_FEW_PLACES */
function checkEnough(places: readonly unknown[], profile: Profile): void {
  const needed = profile.k + profile.m;
  if (places.length < needed) {
    throw fail('TOO_FEW_PLACES', `${needed} places are needed, ${places.length} were given.`, {
      next: 'Name more places, or choose a smaller profile.',
    });
  }
}
