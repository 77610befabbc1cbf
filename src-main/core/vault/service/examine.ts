import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { whereWords } from '#shared/contract/vault.ts';
import type { Core } from '../core.ts';
import { identityFile, type PlaceIdentity } from '../format/place-identity.ts';
import { isInside } from '../places/directory/home-paths.ts';
import type { Spot } from '../places/open-backend.ts';
import { type Peek, peek } from '../places/peek.ts';
import { badPlace, opens } from './place-checks.ts';

export interface Examined {
  /** Of a place of this person's; null where none is yet. */
  readonly identity: PlaceIdentity | null;
  /** It was there before. */
  readonly there: boolean;
}

/** What is at an address can become a place, or is one of this person's. @throws Fail BAD_PLACE */
export async function examine(core: Core, spot: Spot): Promise<Examined> {
  const seen = await peek(core.deps, spot);
  const path = whereWords(spot.address);
  if (spot.address.kind !== 'directory') checkServer(seen, path);
  if (seen.kind === 'not-a-directory') throw badPlace(path, 'it is not a directory');
  if (seen.kind === 'unmarked') throw badPlace(path, 'it is not empty');
  if (seen.kind === 'unreadable') throw badPlace(path, 'it cannot be read');
  if (seen.kind === 'bad-mark') {
    const next = `Put ${identityFile} back from a copy if it is a place of yours, or choose an empty directory.`;
    const why = `it bears the mark of a place (${identityFile}), which is damaged or of a later release`;
    throw badPlace(path, why, next);
  }
  if (seen.kind === 'absent') {
    if (spot.address.kind === 'directory') {
      const parent = await stat(dirname(path)).catch(() => null);
      if (!parent?.isDirectory() && !isInside(core.deps.home, path))
        throw badPlace(path, 'the directory above it does not exist');
    }
    return { identity: null, there: false };
  }
  if (!seen.writable) throw badPlace(path, 'it cannot be written to');
  if (seen.identity && !opens(core.root(), seen.identity)) throw badPlace(path, 'it belongs to another vault');
  return { identity: seen.identity, there: true };
}

function checkServer(seen: Peek, path: string): void {
  const { kind, reason } = seen;
  if (kind === 'silent')
    throw badPlace(path, reason ? lower(reason.text) : 'it does not answer', reason?.next ?? tryAgain);
  if (kind === 'unreadable' || kind === 'not-a-directory') {
    throw badPlace(path, reason ? lower(reason.text) : 'it does not let us in', reason?.next ?? checkAccount);
  }
  if (kind === 'unmarked')
    throw badPlace(path, 'it is not empty', 'Choose an empty one, or a name below it that is not used.');
}

const tryAgain = 'See that the server and the network are there, then try again.';
const checkAccount = 'Check the account and its password or key.';

/** A sentence after a colon, without its full stop. Names keep their capitals. */
const lower = (text: string): string => text.replace(/\.$/, '');
