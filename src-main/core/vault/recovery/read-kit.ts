import { fromHex } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { whereWords } from '#shared/contract/vault.ts';
import { fail } from '#shared/rpc/fail.ts';
import { type VaultKeys, vaultKeys } from '../format/keys.ts';
import { peek } from '../places/peek.ts';
import type { PlannedPlace } from '../places/remembered.ts';
import type { VaultDeps } from '../ports.ts';
import { decodeKit, type Kit, type KitSecrets, openKit } from './kit-format.ts';
import { bytesOfLines } from './kit-lines.ts';

const nothingDone = 'Nothing was changed.';

/** The kit that a person gave. @throws Fail BAD_KIT */
export function readKit(text: string): Kit {
  const lines = bytesOfLines(text);
  if (!lines.ok && lines.why === 'NONE') {
    throw fail('BAD_KIT', 'There is no recovery kit in this text.', {
      meaning: nothingDone,
      next: 'Open the file as it was saved, or paste the numbered lines at the end of the kit.',
    });
  }
  if (!lines.ok) {
    throw fail('BAD_KIT', `Line ${lines.line} of the kit is missing or has a typing error.`, {
      meaning: nothingDone,
      next: 'Compare this line with the kit, letter by letter. Capitals and spaces do not matter.',
      data: { line: lines.line },
    });
  }
  const outcome = decodeKit(lines.bytes);
  if (outcome.ok) return outcome.kit;
  throw outcome.why === 'NEWER'
    ? fail('BAD_KIT', 'A later release of Hypha made this recovery kit.', {
        meaning: nothingDone,
        next: 'Install the newest Hypha, then try again.',
      })
    : fail('BAD_KIT', 'This recovery kit is damaged, or its last lines are missing.', {
        meaning: nothingDone,
        next: 'Compare the lines with the kit up to the last one, or use another copy.',
      });
}

export interface OpenedKit extends KitSecrets {
  readonly keys: VaultKeys;
}

/** What the person's root opens of a kit. @throws Fail KIT_OF_ANOTHER, BAD_KIT */
export function unsealKit(root: Uint8Array, kit: Kit): OpenedKit {
  const keys = vaultKeys(root, fromHex(kit.body.vault) ?? new Uint8Array(16));
  if (!equalBytes(keys.check, fromHex(kit.body.check) ?? new Uint8Array(0))) {
    throw fail('KIT_OF_ANOTHER', 'This recovery kit does not belong to your words.', {
      meaning: nothingDone,
      next: 'Use the kit that was made with these words, or the words that belong to this kit.',
    });
  }
  const opened = openKit(keys, kit);
  if (opened) return { keys, ...opened };
  throw fail('BAD_KIT', 'This recovery kit was changed after it was made.', {
    meaning: `${nothingDone} Somebody may want your passwords to go to another server.`,
    next: 'Use another copy of the kit, or name the places yourself.',
  });
}

/** A place of a kit that is to be used. */
export const plannedOf = (kit: Kit, { secrets }: Pick<OpenedKit, 'secrets'>): PlannedPlace[] =>
  kit.body.places.map(({ id, name, owner, site, address }) => ({
    ...{ id, name, owner, site, address },
    secret: secrets[id] ?? {},
  }));

export interface LookedAt {
  readonly place: PlannedPlace;
  /** Why it cannot be used now; null when it can. */
  readonly why: string | null;
}

const whys: Readonly<Record<string, string>> = {
  absent: 'Nothing is there.',
  empty: 'It is empty.',
  'not-a-directory': 'It is not a directory.',
  unmarked: 'Other things are there, and no place.',
  'bad-mark': 'The mark of the place there is damaged, or of a later release.',
  unreadable: 'It cannot be read.',
  silent: 'It does not answer.',
};

/** Which of the places are there now, and are those of this vault. All at once; nothing is written. */
export const lookAt = (
  deps: Pick<VaultDeps, 'host' | 'openRemote'>,
  vault: string,
  places: readonly PlannedPlace[],
): Promise<LookedAt[]> =>
  Promise.all(
    places.map(async (place) => {
      try {
        const { kind, identity, reason } = await peek(deps, { address: place.address, secret: place.secret ?? {} });
        if (kind !== 'place') return { place, why: reason?.text ?? whys[kind] ?? 'It cannot be used.' };
        if (identity?.vault !== vault) return { place, why: 'A place of another vault is there.' };
        return { place, why: identity.place === place.id ? null : 'Another place of this vault is there.' };
      } catch (error) {
        return { place, why: error instanceof Error ? error.message : String(error) };
      }
    }),
  );

/** Where a place is, for answers. */
export const toldMissing = ({ place, why }: LookedAt) => ({
  name: place.name,
  where: whereWords(place.address),
  why: why ?? '',
});

/** For as long as the work goes on. */
export async function withRoot<T>(root: Uint8Array, work: (root: Uint8Array) => Promise<T>): Promise<T> {
  try {
    return await work(root);
  } finally {
    wipe(root);
  }
}
