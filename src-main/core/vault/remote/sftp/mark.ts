import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import {
  decodePlaceIdentity,
  encodePlaceIdentity,
  identityFile,
  type PlaceIdentity,
} from '../../format/place-identity.ts';
import type { Clock } from '../timing.ts';
import type { Connection } from './connection.ts';
import { readSmall } from './files.ts';
import type { SftpTarget } from './options.ts';
import type { Session } from './session.ts';
import { below, sync, writeTrouble } from './store.ts';
import { isStatus, SftpStatus, status } from './words.ts';

/** A mark is far shorter. */
const markBytes = 64 * 1024;

const temporaryForm = /^\.hypha-place\.json\.[0-9a-f]{12}\.tmp$/;
/** A mark that was being written when its writer was killed. */
export const isTemporaryMark = (name: string): boolean => temporaryForm.test(name);

const missing = (error: unknown): boolean => isStatus(error, status.noSuchFile);

/** The mark of the place; null: there is none; `bad`: it is damaged, or of a later release. */
export async function readMark(
  connection: Connection,
  session: Session,
  root: string,
): Promise<PlaceIdentity | 'bad' | null> {
  try {
    const bytes = await readSmall(connection, session, below(root, identityFile), markBytes);
    return (bytes && decodePlaceIdentity(Buffer.from(bytes).toString('utf8'))) ?? 'bad';
  } catch (error) {
    if (missing(error)) return null;
    // A directory of that name, say.
    if (isStatus(error, status.failure)) return 'bad';
    throw error;
  }
}

async function writeWhole(session: Session, handle: Buffer, bytes: Uint8Array): Promise<void> {
  try {
    await session.write(handle, bytes, 0);
    await sync(session, handle);
  } finally {
    await session.close(handle).catch(() => {});
  }
}

/** Make the directory of the place, with what is above it. */
async function makeRoot(session: Session, root: string): Promise<void> {
  try {
    await session.stat(root);
    return;
  } catch (error) {
    if (!missing(error)) throw error;
  }
  const above = root.slice(0, Math.max(root.lastIndexOf('/'), 0));
  if (above !== '') await makeRoot(session, above);
  await session.mkdir(root).catch(async (error: unknown) => {
    // Somebody else made it in between.
    if (!(await session.stat(root).catch(() => null))) throw error;
  });
}

/** What one claim knows of its earlier tries, on connections that were cut. */
export interface Claim {
  /** The mark's name is ours: we made the file, and may have been cut off before it was whole. */
  made: boolean;
}

/**
 * Write the mark where there is none. Where the server makes hard links, a file that is whole gets the name, which fails when the
 * name is there; else the file is made under its name, which fails too, and written after that.
 */
export async function writeMark(
  connection: Connection,
  session: Session,
  target: SftpTarget,
  clock: Clock,
  identity: PlaceIdentity,
  claim: Claim,
): Promise<void> {
  await makeRoot(session, target.path);
  const mark = below(target.path, identityFile);
  const bytes = utf8(encodePlaceIdentity(identity));
  try {
    if (session.offers.hardlink) {
      const temporary = below(target.path, `.${identityFile}.${toHex(clock.random(6))}.tmp`);
      try {
        await writeWhole(session, await session.open(temporary, 'w'), bytes);
        await session.hardlink(temporary, mark);
      } finally {
        await session.remove(temporary).catch(() => {});
      }
    } else {
      const torn = claim.made && (await readMark(connection, session, target.path)) === 'bad';
      const handle = await session.open(mark, torn ? 'w' : 'wx');
      claim.made = true;
      await writeWhole(session, handle, bytes);
    }
  } catch (error) {
    if (!(error instanceof SftpStatus)) throw error;
    const trouble = await writeTrouble(session, target, bytes.length, error);
    const there = await readMark(connection, session, target.path).catch(() => null);
    // SFTP 3 has no word for “is there already”.
    if (there !== null && !(there === 'bad' && claim.made)) return;
    if (claim.made) await removeMark(session, target.path);
    throw trouble;
  }
}

export const removeMark = async (session: Session, root: string): Promise<void> => {
  await session.remove(below(root, identityFile)).catch((error: unknown) => {
    if (!missing(error)) throw error;
  });
};
