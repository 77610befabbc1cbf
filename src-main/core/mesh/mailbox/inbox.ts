import { toHex } from '#core/crypto/ids.ts';
import type { Logger } from '#core/host.ts';
import type { Database } from '#core/store/database.ts';
import type { Message } from '../messages/message-stack.ts';
import { storeFailure } from './failures.ts';
import { createInboxStore, type InboxRow, type InboxStore, type Wanted } from './inbox-store.ts';
import type { MailboxLimits } from './limits.ts';
import { createQuota, type Usage } from './quota.ts';
import type { Schedule } from './schedule.ts';
import { createWaiters, type WaitOptions } from './waiters.ts';

/** A message with its content. */
export type Received = InboxRow & { readonly data: Uint8Array };

/** A message that was taken out; until `done` it comes back to the others if this program ends. */
export interface Lent {
  readonly message: Received;
  /** It reached whom it was for: forget it, and tell its sender that it was read. */
  done(): void;
  giveBack(): void;
}

export interface Inbox {
  /** Keep a message. @returns whether it is kept, now or from before; if not, its sender is not told that it arrived */
  keep(message: Message, scope: Uint8Array): boolean;
  room(publicKey: Uint8Array, length: number): boolean;
  take(wanted: Wanted, options: WaitOptions): Promise<Lent | null>;
  list(wanted: Wanted, limit: number, before: number | null): InboxRow[];
  get(seq: number): Received | null;
  /** Those under an id, without content; senders choose it, so there may be several. */
  withId(id: string): InboxRow[];
  /** How many were not read, by scope. */
  unread(): { readonly scope: Uint8Array; readonly messages: number }[];
  markRead(seq: number): boolean;
  remove(seq: number): boolean;
  /** The scope of what this sender sent us under the id. */
  scopeOf(key: Uint8Array, id: string): Uint8Array | null;
  sendersOf(id: string): Uint8Array[];
  usage(): Usage;
  stop(): void;
}

export interface InboxDeps {
  readonly database: Database;
  readonly schedule: Schedule;
  /** Time of day. */
  readonly now: () => number;
  readonly limits: MailboxLimits;
  readonly log: Logger;
  /** Tell a sender that its message was read. */
  readonly tellRead: (row: InboxRow) => void;
  readonly changed: (row: InboxRow) => void;
}

/** So many messages between two looks at how many ids are remembered. */
const pruneEvery = 100;
/**
 * Once a message could not be written, none is begun for so long: senders find nobody in instead of sending whole messages for
 * nothing, and the log gets one line of it.
 */
const pauseAfterFault = 60_000;

export function createInbox(deps: InboxDeps): Inbox {
  const { database, limits, schedule } = deps;
  const store = createInboxStore(database, limits.seenOfSender);
  const quota = createQuota(limits);
  const waiters = createWaiters({ schedule, most: limits.waiters, first: store.first });
  let failedAt = Number.NEGATIVE_INFINITY;
  let sincePruned = 0;
  quota.load(store.usage());
  store.pruneSeen(limits.seen);

  const add = (message: Message, scope: Uint8Array): InboxRow => {
    const { id, reply, source, publicKey: key, destination, topic, data, digest } = message;
    const owner = toHex(key);
    return database.transaction(() => {
      while (!quota.fits(owner, data.length)) {
        const old = store.oldestRead(key) ?? store.oldestRead(null);
        if (old === null) throw new Error('read messages were counted that are not there');
        forget(store, quota, old);
      }
      const received = deps.now();
      const row = store.add({ id, reply, source, key, destination, topic, scope, received }, data, digest);
      quota.add(owner, data.length);
      return row;
    });
  };

  const isPausing = (): boolean => schedule.now() - failedAt < pauseAfterFault;

  const complain = (error: unknown): void => {
    if (isPausing()) return;
    failedAt = schedule.now();
    deps.log.error({ error }, 'a message cannot be kept, and so its sender is not told that it arrived');
  };

  const withData = (row: InboxRow | null): Received | null => {
    const data = row === null ? null : store.data(row.seq);
    return row === null || data === null ? null : { ...row, data };
  };

  /** As it is now: somebody else may have read or removed it since it was looked up. */
  const remove = (seq: number): boolean => {
    try {
      const row = store.get(seq);
      if (row === null) return false;
      forget(store, quota, row);
      deps.changed(row);
      return true;
    } catch (error) {
      throw storeFailure(error, 'The message stays where it is.');
    }
  };

  return {
    keep(message, scope) {
      try {
        if (store.seen(message.publicKey, message.id, message.digest)) return true;
        if (!quota.couldFit(toHex(message.publicKey), message.data.length)) return false;
        deps.changed(add(message, scope));
        if (++sincePruned >= pruneEvery) {
          sincePruned = 0;
          store.pruneSeen(limits.seen);
        }
      } catch (error) {
        complain(error);
        reload();
        return false;
      }
      waiters.offer();
      return true;
    },
    room: (publicKey, length) => !isPausing() && quota.couldFit(toHex(publicKey), length),
    async take(wanted, options) {
      const row = await waiters.take(wanted, options);
      if (row === null) return null;
      const peek = options.peek === true;
      let message: Received | null;
      try {
        message = withData(row);
      } catch (error) {
        waiters.gone(row.seq);
        throw storeFailure(error, 'The message stays where it is.');
      }
      if (message === null) {
        // Removed by somebody else in this moment.
        waiters.gone(row.seq);
        return null;
      }
      // As the daemon does: also who only looks has read it.
      if (peek) deps.tellRead(row);
      return {
        message,
        done() {
          if (peek) return;
          waiters.gone(row.seq);
          if (remove(row.seq)) deps.tellRead(row);
        },
        giveBack() {
          if (!peek) waiters.giveBack(row.seq);
        },
      };
    },
    list: (wanted, limit, before) => store.list(wanted, limit, before),
    get: (seq) => withData(store.get(seq)),
    withId: store.withId,
    unread: store.unread,
    markRead(seq) {
      const row = store.get(seq);
      if (row === null) return false;
      if (row.read !== null) return true;
      try {
        store.markRead(seq, deps.now());
      } catch (error) {
        throw storeFailure(error, 'The message stays unread.');
      }
      quota.read(toHex(row.key), row.size);
      deps.tellRead(row);
      deps.changed(row);
      return true;
    },
    remove,
    scopeOf: store.scopeOf,
    sendersOf: store.sendersOf,
    usage: () => quota.total(),
    stop: () => waiters.stop(),
  };

  function reload(): void {
    try {
      quota.load(store.usage());
    } catch {
      // What cannot be read cannot be counted either; the next attempt says so again.
    }
  }
}

function forget(store: InboxStore, quota: ReturnType<typeof createQuota>, row: InboxRow): void {
  store.remove(row.seq);
  quota.remove(toHex(row.key), row.size, row.read !== null);
}
