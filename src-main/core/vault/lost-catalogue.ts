import { join } from 'node:path';
import { equalBytes } from '#core/crypto/equal.ts';
import { whereWords } from '#shared/contract/vault.ts';
import { type FoundVault, foundVault, waitingVault } from './failures.ts';
import { type VaultKeys, vaultKeys } from './format/keys.ts';
import { holdsNothing } from './places/contents.ts';
import { movedTo, placesAtHome } from './places/directory/find-again.ts';
import type { Spot } from './places/open-backend.ts';
import { peek } from './places/peek.ts';
import type { PlannedPlace, RememberedPlaces } from './places/remembered.ts';
import type { VaultDeps } from './ports.ts';
import type { Catalogue } from './store/catalogue.ts';
import { lookInto } from './store/look-into.ts';

/** The way back to a vault whose catalogue on this computer is gone, while its places are not. */
export interface LostCatalogue {
  /** What of a vault is there without one being open; null for nothing. */
  found(): FoundVault | null;
  /** Look whether there is anything of a vault on this computer. */
  look(): Promise<void>;
  /** Take up again what the places hold. One at a time; whoever comes second finds it done. */
  adopt(catalogue: Catalogue, root: Uint8Array): Promise<void>;
  /** Places that are waited for may be back, and were not looked for a moment ago. */
  mayBeBack(): boolean;
  /** Resolves when nothing is being taken up. */
  settled(): Promise<void>;
}

export interface LostCatalogueDeps {
  readonly deps: VaultDeps;
  readonly remembered: RememberedPlaces;
  /** No vault is open or being made, and the agent goes on. */
  readonly free: () => boolean;
  /** Make the vault in the empty catalogue, on these places, and open it. */
  readonly take: (
    catalogue: Catalogue,
    keys: VaultKeys,
    profile: { readonly k: number; readonly m: number },
    places: readonly PlannedPlace[],
  ) => Promise<void>;
}

const retryMs = 5_000;

const spotOf = ({ address, secret }: PlannedPlace): Spot => ({ address, secret: secret ?? {} });

export function createLostCatalogue({ deps, remembered, free, take }: LostCatalogueDeps): LostCatalogue {
  let found: FoundVault | null = null;
  let adopting: Promise<void> = Promise.resolve();
  let triedAt = Number.NEGATIVE_INFINITY;

  const wait = (here: number, needed: number, missing: readonly PlannedPlace[]): void => {
    const names = missing.map(({ name, address }) => `${name} (${whereWords(address)})`);
    found = waitingVault(here, needed, names);
  };

  /** Where the places that are here are too few to read it nothing is made: an empty vault would look as if the files were gone. */
  const adoptRemembered = async (catalogue: Catalogue, root: Uint8Array): Promise<void> => {
    const atHome = await placesAtHome(deps.home);
    const list = await Promise.all(
      remembered.recall(root).map(async (place): Promise<PlannedPlace> => {
        const { id, address } = place;
        if (address.kind !== 'directory') return place;
        const path = await movedTo({ id, path: address.path }, deps.home, atHome);
        return path === null ? place : { ...place, address: { kind: 'directory', path } };
      }),
    );
    const seen = await Promise.all(
      list.map(async (place) => ({
        place,
        mark: (await peek(deps, spotOf(place)).catch(() => null))?.identity ?? null,
      })),
    );
    // Whose they are is not known while none of them is here.
    if (list.length > 0 && seen.every(({ mark }) => mark === null)) wait(0, 1, list);
    for (const { mark: identity } of seen) {
      if (!identity) continue;
      const keys = vaultKeys(root, Buffer.from(identity.vault, 'hex'));
      if (!equalBytes(keys.check, Buffer.from(identity.check, 'hex'))) continue;
      const here = seen.filter(({ place, mark }) => mark?.vault === identity.vault && mark.place === place.id);
      const missing = seen.filter((one) => !here.includes(one)).map(({ place }) => place);
      const { generation } = await lookInto(deps, identity, keys, list);
      // Marks alone, of a set-up that was cut short, hold nothing that could be missed.
      const bare = async () => (await Promise.all(list.map((one) => holdsNothing(deps, spotOf(one))))).every(Boolean);
      if (generation === 0 && (missing.length > 0 || !(await bare()))) return wait(here.length, identity.k, missing);
      found = null;
      await take(catalogue, keys, identity, list);
      return;
    }
  };

  return {
    found: () => found,
    async look() {
      const places = await placesAtHome(deps.home);
      const known = remembered.recall();
      if (places.length === 0 && known.length > 0) wait(0, 1, known);
      else found = places.length > 0 ? foundVault(places.length, join(deps.home, 'places')) : null;
    },
    adopt(catalogue, root) {
      triedAt = deps.host.now();
      const mine = adopting.then(async () => {
        if (free()) await adoptRemembered(catalogue, root);
      });
      adopting = mine.catch(() => {});
      return mine;
    },
    mayBeBack: () => found?.missing !== undefined && Math.abs(deps.host.now() - triedAt) >= retryMs,
    settled: () => adopting,
  };
}
