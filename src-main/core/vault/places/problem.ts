import type { Place } from '#shared/contract/vault.ts';
import { identityFile } from '../format/place-identity.ts';
import type { PlaceRow } from '../store/catalogue.ts';
import { fullBelow, type Inspection } from './inspect.ts';

export type Problem = NonNullable<Place['problem']>;

/**
 * Why a directory that should be a place is not one now, in words, with the next step. Nothing is ever written into such
 * a directory, save that repair makes it again where `remakable`.
 */
export function problemOf(
  seen: Pick<Inspection, 'kind' | 'identity'>,
  { path, address }: Pick<PlaceRow, 'path' | 'address'>,
  sameVault: boolean,
  remakable: boolean,
  reason: { readonly text: string; readonly next: string } | null = null,
): Problem {
  if (address.kind !== 'directory') {
    const server = serverProblem(seen.kind, path, reason);
    if (server) return server;
  }
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

/** Of a server: what differs from a directory. */
function serverProblem(
  kind: Inspection['kind'],
  path: string,
  reason: { readonly text: string; readonly next: string } | null,
): Problem | null {
  const why = reason ? ` ${reason.text}` : '';
  const next = reason?.next ?? 'See that the server and the network are there. It is used again as soon as it answers.';
  if (kind === 'silent') return { code: 'SILENT', text: `${path} does not answer.${why}`, next };
  if (kind === 'unreadable') return { code: 'REFUSED', text: `${path} does not let us in.${why}`, next };
  const refill = 'Repair the vault: the place is made again and filled. Or stop using it.';
  if (kind === 'absent') return { code: 'NOT_THERE', text: `${path} is not there.${why}`, next: refill };
  if (kind === 'empty')
    return { code: 'EMPTIED', text: `${path} is empty: what the vault had there is gone.`, next: refill };
  return null;
}

/** Of a place whose credentials are sealed: until the person is here, or for good. */
export const lockedProblem = (path: string, sealed: 'waits' | 'damaged'): Problem =>
  sealed === 'waits'
    ? {
        code: 'LOCKED',
        text: `${path} is away until you unlock: what opens it is sealed with your keys.`,
        next: 'Unlock Hypha. What lies there is not lost.',
      }
    : {
        code: 'SEALED',
        text: `What opens ${path} cannot be read any more.`,
        next: 'Give its password or key again.',
      };

/** A place that holds as much as the person allows. */
export const limitProblem = (path: string, limit: number): Problem => ({
  code: 'LIMIT',
  text: `The ${mib(limit)} that you allow on ${path} are nearly used: the last ${mib(fullBelow)} are kept for the vault’s own list.`,
  next: 'Raise the limit, or add another place.',
});

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
