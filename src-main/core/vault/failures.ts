import { type Fail, fail, isFail } from '#shared/rpc/fail.ts';

/** The vault's failures in words, in one place so that they stay alike. */
export const locked = (): Fail =>
  fail('LOCKED', 'The vault is locked.', {
    meaning: 'Names and contents need the keys of your identity, which are not in memory now.',
    next: 'Unlock Hypha with your passphrase.',
  });

/** There is nobody whose keys could be asked for. */
export const nobodyYet = (): Fail =>
  fail('LOCKED', 'There is no identity yet, and a vault is locked with its keys.', {
    meaning: 'Nothing was stored.',
    next: 'Create or restore your identity first: hypha identity create NAME, or the first page of the interface.',
  });

/** Places of a vault that lie in the data directory although no vault is set up. */
export interface FoundVault {
  readonly places: number;
  readonly text: string;
  readonly next: string;
  /** The vault of this person waits for these places: until enough of them are here nothing of it can be read. */
  readonly missing?: readonly string[];
}

/** The catalogue is lost here and has to be read from the places, which are too few. */
export const waitingVault = (here: number, needed: number, missing: readonly string[]): FoundVault => ({
  places: here,
  text:
    missing.length === 0
      ? 'The list of your files was lost on this computer, and none of the places of your vault holds a copy of it that can be read.'
      : `The list of your files was lost on this computer, and has to be read from at least ${needed} places of your vault, of which ${here === 0 ? 'none is' : here === 1 ? 'one is' : `${here} are`} here. Missing: ${missing.join(', ')}.`,
  next:
    missing.length === 0
      ? 'Bring back what was deleted on the places, if you can: the vault then opens by itself. Nothing on them was changed.'
      : 'Connect the missing places: the vault then opens by itself. Nothing on the places was changed.',
  missing,
});

export const foundVault = (places: number, directory: string): FoundVault => ({
  places,
  text: `No vault is set up, but ${places === 1 ? 'a place of one was' : `${places} places of one were`} found in ${directory}. Its files are not lost.`,
  next: 'Set the vault up with the identity it belongs to: what lies there is taken up again, with all its files.',
});

export const noVault = (found: FoundVault | null): Fail =>
  found
    ? fail('NO_VAULT', found.text, { next: found.next })
    : fail('NO_VAULT', 'There is no vault yet.', { next: 'Set the vault up first.' });

export const notFound = (what: string): Fail =>
  fail('NOT_FOUND', `${what} is not in the vault.`, {
    next: 'Look at the folder again; it may have been moved or deleted.',
  });

export const notAFile = (name: string): Fail =>
  fail('NOT_A_FILE', `"${name}" is a folder.`, { next: 'Choose a file.' });

export const damaged = (what: string): Fail =>
  fail('DAMAGED', `${what} cannot be read: too many of its shards are missing or rotten.`, {
    meaning: 'The places that are reachable now do not hold enough of it. What is on unplugged drives is not lost.',
    next: 'Connect the missing places and try again, then repair the vault.',
  });

export const notEnoughPlaces = (healthy: number, needed: number): Fail =>
  fail('NOT_ENOUGH_PLACES', `Only ${healthy} of the ${needed} places that are needed can take data now.`, {
    meaning: 'What the vault shows is stored, and nothing of it is changed or lost. The rest was not stored.',
    next: 'Connect the missing places, make room on them, or add a new place.',
    data: { healthy, needed },
  });

/** Places of a vault that set-up came upon are too few to read its catalogue. `others`: places of it that were not named. */
export const tooFewFound = (first: string, k: number, given: number, others: readonly string[] | null): Fail =>
  fail(
    'NOT_ENOUGH_PLACES',
    others
      ? `${first} is a place of your vault, but the newest changes of that vault cannot be read with the places that were named.`
      : `${first} is a place of your vault, which needs at least ${k} of its places. ${given === 1 ? 'One was' : `${given} were`} named, and with that it cannot be read.`,
    {
      meaning: 'No vault was set up, and nothing was changed.',
      next: others
        ? `Connect more of them and name them all${others.length > 0 ? `; not named: ${others.join(', ')}` : ''}. If the others are lost for good, take up what can be read, without the newest changes: hypha vault setup DIRECTORY... --others-lost`
        : 'Connect more of them and name them all.',
      data: { given, needed: k },
    },
  );

const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** The places of a kit show a state before the one that the kit knew. `shown`, `known`: when they were copied. */
export const olderThanKit = (shown: number | null, known: number): Fail =>
  fail(
    'NOT_ENOUGH_PLACES',
    `The places show your vault as it was ${shown === null ? 'at an earlier time' : `on ${minute(shown)}`}, but your recovery kit knows a newer state, from ${minute(known)}.`,
    {
      meaning:
        'Nothing was set up and nothing was changed. Old copies of the places were put back, or what is newer lies on places that are not there. Files stored since would be missing.',
      next: 'Connect the other places, or put the newer copies back, then try again. If this is all that is left, take the older state: hypha vault recover --kit-file FILE --others-lost',
    },
  );

/** What lies on the places belongs to two states of the vault, of which one leads nowhere. */
export const mixedStates = (reached: number | null): Fail =>
  fail(
    'NOT_ENOUGH_PLACES',
    `The places hold copies of your list of files that do not belong together${reached === null ? '' : `: what fits together ends on ${minute(reached)}`}.`,
    {
      meaning:
        'Nothing was set up and nothing was changed. Old copies of some places were put back and then written to, or two computers wrote to them at once.',
      next: 'Connect all places, or put the right copies back, then try again. To take what fits together and leave the rest: the same once more with --others-lost.',
    },
  );

/** As a notice says it, while the vault is in use. */
export const mixedStatesText =
  'The places hold copies of the list of your files that do not belong together: old copies of some places were put back and then written to, or two computers wrote to them. What fits together was taken, up to its newest state; what does not was left alone, and nothing was deleted. Files that are missing now may be in it: connect all places, put the right copies back, and start Hypha again.';

export const olderThanKitText = (shown: number | null, known: number): string =>
  `This vault was taken up in an older state${shown === null ? '' : `, from ${minute(shown)}`}, although the recovery kit knew of one from ${minute(known)}: all places showed the older one. Files stored or changed in between are missing. If a place, or a newer copy of one, turns up, connect it before you change anything here.`;

export const stillNeeded = (healthy: number, needed: number): Fail =>
  fail('NOT_ENOUGH_PLACES', 'Some of what lies on this place is needed, and cannot be moved now.', {
    meaning: 'It cannot be rebuilt from the places that are here. The place stays in use; nothing is lost.',
    next: 'Connect the missing places and try again. If they are lost for good, delete the files that cannot be read, empty the bin, then try again.',
    data: { healthy, needed },
  });

/** `reserve`: bytes that are kept free on each place, where that is what stands in the way. */
export const diskFull = (names: readonly string[], reserve: number | null): Fail =>
  fail('DISK_FULL', `There is no room left on ${names.length > 0 ? names.join(', ') : 'the places of the vault'}.`, {
    meaning: `What the vault shows is stored and safe. The rest was not stored.${
      reserve === null ? '' : ` The last ${reserve / (1024 * 1024)} MiB of a place are kept for the vault’s own list.`
    }`,
    next: 'Free some space or add a place on another drive, then try again.',
  });

/** Another agent writes to the places too, as a notice says it. */
export const twoWritersText =
  'Another Hypha, of a copy of this data directory it seems, writes to the places of this vault too. What one of them stores the other does not know, so nothing on the places is deleted while that is so: files of the other would be lost. Use only one of them, or give each places of its own.';

/** Nothing may be deleted on the places: `known` when it is sure that another agent writes to them, else something newer lies there. */
export const twoWriters = (known: boolean): Fail =>
  known
    ? fail('TWO_WRITERS', 'Another Hypha writes to the places of this vault too, so nothing was deleted.', {
        meaning:
          'Both go back to one data directory that was copied. Files of the other would be lost for good: it may still need what this one deletes. The bin is as it was.',
        next: 'Stop one of the two. Then give this one places of its own: add new ones and remove those that both use. After that the bin can be emptied.',
      })
    : fail(
        'TWO_WRITERS',
        'On the places is something newer of this vault than what is known here, so nothing was deleted.',
        {
          meaning:
            'Another Hypha, of a copy of this data directory it seems, wrote it. Files of the other would be lost for good. The bin is as it was.',
          next: 'Stop the other Hypha, then stop this one and start it again: it reads what is newer, and the bin can be emptied after that.',
        },
      );

/** The places had no room for the copy of the catalogue: whatever else was to be done is done. Other errors stay as they are. */
export function notCopied(error: unknown): unknown {
  if (!isFail(error, 'DISK_FULL') && !isFail(error, 'NOT_ENOUGH_PLACES')) return error;
  const { code, message, data } = error;
  return fail(code, message, {
    meaning:
      'What was stored or changed is in the vault. Only the copy of its catalogue on the places does not know of it yet: if this computer were lost now, these changes would be lost with it.',
    next:
      code === 'DISK_FULL'
        ? 'Free some space or add a place on another drive. The copy is brought up to date with the next change, and when you lock or quit.'
        : 'Connect the missing places or add a new one. The copy is brought up to date with the next change, and when you lock or quit.',
    ...(data ? { data } : {}),
  });
}

/** There is no room left where files of the vault are being written to. */
export const targetFull = (directory: string): Fail =>
  fail('DISK_FULL', `There is no room left on the disk of ${directory}.`, {
    meaning: 'Nothing in the vault has changed. Files that are there under their own names are whole.',
    next: 'Free some space there or choose another directory, then export what is missing.',
  });

export const cancelled = (): Fail =>
  fail('CANCELLED', 'This was cancelled.', { meaning: 'What was finished before stays; the rest was not done.' });

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}

/** That a part of the list of files cannot be read. */
export const unreadableNotice = (rows: number): { code: string; text: string }[] =>
  rows === 0
    ? []
    : [
        {
          code: 'VAULT_UNREADABLE',
          text: `${rows === 1 ? 'One entry' : `${rows} entries`} of the list of files cannot be read on this computer, and what it tells of is not shown. Nothing is deleted because of it. Install the newest Hypha; if that does not help, take the vault up from its places on an empty data directory.`,
        },
      ];
