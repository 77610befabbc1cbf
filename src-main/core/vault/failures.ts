import { type Fail, fail } from '#shared/rpc/fail.ts';

/** The vault's failures in words, in one place so that they stay alike. */
export const locked = (): Fail =>
  fail('LOCKED', 'The vault is locked.', {
    meaning: 'Names and contents need the keys of your identity, which are not in memory now.',
    next: 'Unlock Hypha with your passphrase.',
  });

export const noVault = (): Fail => fail('NO_VAULT', 'There is no vault yet.', { next: 'Set the vault up first.' });

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
    meaning: 'Nothing that was stored before is changed or lost; what was being stored is not in the vault.',
    next: 'Connect the missing places, make room on them, or add a new place.',
    data: { healthy, needed },
  });

export const stillNeeded = (healthy: number, needed: number): Fail =>
  fail('NOT_ENOUGH_PLACES', 'Some of what lies on this place is needed, and cannot be moved now.', {
    meaning: 'It cannot be rebuilt from the places that are here. The place stays in use; nothing is lost.',
    next: 'Connect the missing places and try again. If they are lost for good, delete the files that cannot be read, empty the bin, then try again.',
    data: { healthy, needed },
  });

export const diskFull = (names: readonly string[]): Fail =>
  fail('DISK_FULL', `There is no room left on ${names.length > 0 ? names.join(', ') : 'the places of the vault'}.`, {
    meaning: 'Everything stored before is safe; what was being stored now is not in the vault.',
    next: 'Free some space or add a place on another drive, then try again.',
  });

export const cancelled = (): Fail =>
  fail('CANCELLED', 'This was cancelled.', { meaning: 'What was finished before stays; the rest was not done.' });

export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw cancelled();
}
