import type { Place } from '#shared/contract/vault.ts';
import { identityFile } from '../format/place-identity.ts';
import { fullBelow, type Inspection } from './inspect.ts';

export type Problem = NonNullable<Place['problem']>;

/**
 * Why a directory that should be a place is not one now, in words, with the next step. Nothing is ever written into such
 * a directory, save that repair makes it again where `remakable`.
 */
export function problemOf(
  seen: Pick<Inspection, 'kind' | 'identity'>,
  path: string,
  sameVault: boolean,
  remakable: boolean,
): Problem {
  const orRepair = 'Or stop using the place: what lay there is made again on the others.';
  const connect = `Connect its disk again, or add the place anew where its directory is now. ${orRepair}`;
  const again =
    'Repair the vault: the place is made again and filled. If its disk is only unplugged, connect that first; if its directory is elsewhere now, add the place anew there.';
  switch (seen.kind) {
    case 'absent':
      return { code: 'GONE', text: `${path} is not there.`, next: remakable ? again : connect };
    case 'not-a-directory':
      return { code: 'NOT_A_DIRECTORY', text: `${path} is not a directory.`, next: `Move it away. ${orRepair}` };
    case 'empty':
      return {
        code: 'EMPTY',
        text: `${path} is empty, as a directory is whose disk is not connected.`,
        next: remakable ? again : connect,
      };
    case 'unmarked':
      return {
        code: 'UNMARKED',
        text: `${path} holds files, but not the mark of a place (${identityFile}). Nothing is written into it.`,
        next: `If the disk of the place is not connected, connect it again. If the mark was deleted, put it back. ${orRepair}`,
      };
    case 'bad-mark':
      return {
        code: 'BAD_MARK',
        text: `The mark of the place (${identityFile}) in ${path} is damaged, or of a later release. Nothing is written there.`,
        next: `Put the file back from a copy, or install the later release. ${orRepair}`,
      };
    case 'unreadable':
      return {
        code: 'UNREADABLE',
        text: `${path} cannot be read.`,
        next: `See that your account may read it and that its disk is healthy. ${orRepair}`,
      };
    case 'silent':
      return {
        code: 'UNREADABLE',
        text: `${path} does not answer.`,
        next: 'See that its drive or network is there. It is used again as soon as it answers.',
      };
    case 'place':
      return sameVault
        ? {
            code: 'OTHER_PLACE',
            text: `${path} holds another place of this vault.`,
            next: 'Connect the disks so that each is at its own path, as it was before.',
          }
        : {
            code: 'OTHER_VAULT',
            text: `${path} holds pieces of another vault. Nothing is written into it.`,
            next: `Connect the disk of this vault at this path. ${orRepair}`,
          };
  }
}

const mib = (bytes: number): string => `${Math.floor((bytes / (1024 * 1024)) * 10) / 10} MiB`;

/** A place that takes no more files. `free` in bytes as the system says, which may be wrong where quotas are. */
export function fullProblem(path: string, free: number | null): Problem {
  const reserve = `the last ${mib(fullBelow)} of a place are kept for the vault’s own list, so that deleting can make room`;
  const short = free !== null && free < fullBelow;
  return {
    code: 'FULL',
    text: short ? `${mib(free)} are free at ${path}, and ${reserve}.` : `The system takes no more data at ${path}.`,
    next: 'Make room there, or add a place on another disk.',
  };
}
