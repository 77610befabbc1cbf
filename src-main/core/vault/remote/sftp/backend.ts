import type { PlaceIdentity } from '../../format/place-identity.ts';
import type { Inspection } from '../../places/inspect.ts';
import type { RemoteBackend } from '../remote-backend.ts';
import { createHealth } from '../remote-backend.ts';
import type { Clock } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import { usualTiming } from './connect.ts';
import { createConnection, type SftpTuning } from './connection.ts';
import { isTemporaryMark, readMark, removeMark, writeMark } from './mark.ts';
import { readSftpOptions, type SftpOptions } from './options.ts';
import type { Session } from './session.ts';
import { createSftpStore, listDirectory } from './store.ts';
import { isStatus, status } from './words.ts';

const usual: SftpTuning = { timing: usualTiming, waits: [250, 1000, 3000], files: 8, pieces: 16 };

/**
 * A place in a directory of an SSH server. The server must show the key that was pinned, before anything is said to it.
 *
 * @throws BAD_INPUT for options that cannot be right
 */
export function createSftpBackend(options: SftpOptions, clock: Clock, tuning: Partial<SftpTuning> = {}): RemoteBackend {
  const target = readSftpOptions(options);
  const device = `host:${target.host.toLowerCase()}`;
  const connection = createConnection(target, clock, { ...usual, ...tuning });
  const { reading, writing, writable, reason } = createHealth(clock);
  const on = <T>(work: (session: Session) => Promise<T>): Promise<T> => connection.use(target.path, work);
  const seen = (kind: Inspection['kind'], identity: PlaceIdentity | null = null, free: number | null = null) => {
    const reached = kind === 'place' || kind === 'empty' || kind === 'unmarked' || kind === 'bad-mark';
    return { kind, identity, writable: reached && writable(), device, free };
  };

  const look = async (session: Session): Promise<Inspection> => {
    try {
      if (!(await session.stat(target.path)).isDirectory()) return seen('not-a-directory');
    } catch (error) {
      if (isStatus(error, status.noSuchFile)) return seen('absent');
      throw error;
    }
    const free = session.offers.statvfs ? await session.free(target.path).catch(() => null) : null;
    const mark = await readMark(connection, session, target.path);
    if (mark === 'bad') return seen('bad-mark', null, free);
    if (mark) return seen('place', mark, free);
    const others = (await listDirectory(session, target.path, target.host)).filter(
      ({ filename }) => filename !== '.' && filename !== '..' && !isTemporaryMark(filename),
    );
    return seen(others.length === 0 ? 'empty' : 'unmarked', null, free);
  };
  const isMarked = (vault: string, place: string): Promise<boolean> =>
    on(async (session) => {
      const mark = await readMark(connection, session, target.path);
      return mark !== null && mark !== 'bad' && mark.vault === vault && mark.place === place;
    });
  const store = createSftpStore(connection, target, clock);

  return {
    async inspect() {
      try {
        return await reading(on(look));
      } catch (error) {
        const kind = error instanceof Trouble ? error.kind : 'broken';
        return seen(kind === 'silent' || kind === 'closed' ? 'silent' : 'unreadable');
      }
    },
    isMarked: (vault, place) => reading(isMarked(vault, place)).catch(() => false),
    async claim(identity) {
      const claim = { made: false };
      await writing(on((session) => writeMark(connection, session, target, clock, identity, claim)));
      await writing(store.settle());
      return reading(isMarked(identity.vault, identity.place));
    },
    async unclaim(vault, place) {
      if (await reading(isMarked(vault, place))) await writing(on((session) => removeMark(session, target.path)));
    },
    store: {
      put: (name, parts, taken) => writing(store.put(name, parts, taken)),
      settle: () => writing(store.settle()),
      read: (name, offset, into) => reading(store.read(name, offset, into)),
      size: (name) => reading(store.size(name)),
      remove: (name) => writing(store.remove(name)),
      list: (directory) => reading(store.list(directory)),
    },
    async close() {
      connection.close();
    },
    reason,
  };
}
