import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemRandom } from '#core/crypto/random.ts';
import { type Database, openDatabase } from '#core/store/database.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { mailboxMigrations } from '../../mailbox/index.ts';
import { createKnown } from '../known.ts';
import { createPost, type Post, type Self } from '../post.ts';
import { meshMigrations } from '../store.ts';

/** The letters of a node that is connected to nobody, in a directory. */
export interface PostDesk {
  readonly post: Post;
  /** The mailbox, and the mesh's own database. */
  readonly letters: Database;
  readonly own: Database;
  close(): void;
}

/** @param opened is given both databases before anything is done with them; a restart of the same node is the same `self` */
export function openPostDesk(
  home: string,
  self: Self,
  opened: (letters: Database, own: Database) => void = () => {},
): PostDesk {
  const own = openDatabase({ path: join(home, 'mesh.db'), migrations: meshMigrations, log: silentLog });
  const letters = openDatabase({ path: join(home, 'mailbox.db'), migrations: mailboxMigrations, log: silentLog });
  opened(letters, own);
  const post = createPost({
    host: {
      ...{ shell: 'test', now: Date.now, random: systemRandom, keyring: null, keyringDetail: '', resources: '' },
      setTimer: () => () => {},
    },
    log: silentLog,
    clock: () => performance.now(),
    names: createKnown({ names: () => [], peers: () => [], ownDevices: () => [], onChange: () => () => {} }),
    topics: { accepts: () => true, all: () => [], set: () => null },
    database: letters,
    own,
    transmit() {},
    changed() {},
    opened() {},
  });
  post.become(self);
  return {
    ...{ post, letters, own },
    close() {
      post.stop();
      letters.close();
      own.close();
    },
  };
}
