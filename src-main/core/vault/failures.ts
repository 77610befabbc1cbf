import { type Fail, fail, isFail } from '#shared/rpc/fail.ts';

/** The vault's failures in words, in one place so that they stay alike. */
export const locked = (): Fail =>
  fail('LOCKED', 'The vault is locked.', {
    meaning: 'Names and contents need the keys of your identity, which are not in memory now.',
    next: 'Unlock Hypha with your passphrase.',
  });

/** Places of a vault that lie in the data directory although no vault is set up. */
export interface FoundVault {
  readonly places: number;
  readonly text: string;
  readonly next: string;
}

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
