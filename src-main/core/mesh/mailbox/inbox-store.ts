import { fromHex, toHex } from '#core/crypto/ids.ts';
import type { Database } from '#core/store/database.ts';
import type { Usage } from './quota.ts';

/** A message that came, without its content. */
export interface InboxRow {
  readonly seq: number;
  /** 16 hex digits, chosen by the sender. */
  readonly id: string;
  /** It answers the message of ours with this id. */
  readonly reply: boolean;
  /** 16 bytes. */
  readonly source: Uint8Array;
  /** The sender's public key, 32 bytes: who it is. The address is any of the /64 that the key owns. */
  readonly key: Uint8Array;
  readonly destination: Uint8Array;
  /** Empty for an answer. */
  readonly topic: Uint8Array;
  /** The topic, or for an answer that of what it answers. */
  readonly scope: Uint8Array;
  readonly size: number;
  /** Milliseconds since 1970 UTC. */
  readonly received: number;
  /** When it was read; null while it was not. */
  readonly read: number | null;
}

/** Which messages. */
export interface Wanted {
  /** Only of these scopes; of all when it is left out. */
  readonly scopes?: readonly Uint8Array[];
  /** Only with this very topic. */
  readonly topic?: Uint8Array;
  /** Only the answer to the message of ours with this id. */
  readonly answerTo?: string;
  readonly unread?: boolean;
}

export interface InboxStore {
  add(row: Omit<InboxRow, 'seq' | 'read' | 'size'>, data: Uint8Array, digest: Uint8Array): InboxRow;
  /** Whether this very message was taken before. */
  seen(key: Uint8Array, id: string, digest: Uint8Array): boolean;
  /** The scope of a message that this sender sent us under the id, read or not; null when it is not remembered. */
  scopeOf(key: Uint8Array, id: string): Uint8Array | null;
  /** Senders of messages under this id that are remembered. */
  sendersOf(id: string): Uint8Array[];
  /** The oldest that is wanted and not among `except`. */
  first(wanted: Wanted, except: readonly number[]): InboxRow | null;
  /** Newest first. */
  list(wanted: Wanted, limit: number, before: number | null): InboxRow[];
  get(seq: number): InboxRow | null;
  /** Those under an id; senders choose it, so there may be several. */
  withId(id: string): InboxRow[];
  /** How many were not read, by scope. */
  unread(): { readonly scope: Uint8Array; readonly messages: number }[];
  data(seq: number): Uint8Array | null;
  markRead(seq: number, at: number): void;
  remove(seq: number): void;
  /** Messages and bytes by sender (hex), and of them those that were read. */
  usage(): (Usage & { readonly key: string })[];
  /** The oldest read message, of one sender or of all. */
  oldestRead(key: Uint8Array | null): InboxRow | null;
  pruneSeen(most: number): void;
}

type Raw = Omit<InboxRow, 'reply' | 'scope'> & { reply: number; scope: string };
const columns = 'seq, id, reply, source, key, destination, topic, scope, size, received, read';
const cook = (raw: unknown): InboxRow => {
  const row = raw as Raw;
  return { ...row, reply: row.reply === 1, scope: fromHex(row.scope) ?? new Uint8Array(0) };
};
const one = (raw: unknown): InboxRow | null => (raw === undefined ? null : cook(raw));

/** @param ofSender ids remembered of one sender */
export function createInboxStore({ db }: Database, ofSender: number): InboxStore {
  const insert = db.prepare(
    `INSERT INTO inbox (id, reply, source, key, destination, topic, scope, size, received, data)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertSeen = db.prepare('INSERT INTO seen (key, id, digest, scope) VALUES (?, ?, ?, ?)');
  const pruneSender = db.prepare(
    'DELETE FROM seen WHERE key = ?1 AND seq <= (SELECT seq FROM seen WHERE key = ?1 ORDER BY seq DESC LIMIT 1 OFFSET ?2)',
  );
  const selectSeen = db.prepare('SELECT 1 FROM seen WHERE key = ? AND id = ? AND digest = ?');
  const selectScope = db.prepare('SELECT scope FROM seen WHERE key = ? AND id = ? ORDER BY seq DESC LIMIT 1');
  const selectSenders = db.prepare('SELECT DISTINCT key FROM seen WHERE id = ?');
  const selectData = db.prepare('SELECT data FROM inbox WHERE seq = ?');
  const selectById = db.prepare(`SELECT ${columns} FROM inbox WHERE id = ? ORDER BY seq DESC`);
  const countUnread = db.prepare('SELECT scope, count(*) AS messages FROM inbox WHERE read IS NULL GROUP BY scope');
  const selectRow = db.prepare(`SELECT ${columns} FROM inbox WHERE seq = ?`);
  const update = db.prepare('UPDATE inbox SET read = coalesce(read, ?) WHERE seq = ?');
  const drop = db.prepare('DELETE FROM inbox WHERE seq = ?');
  const page = db.prepare(
    `SELECT ${columns} FROM inbox WHERE seq < ?1 AND (?2 IS NULL OR topic = ?2) AND (?3 IS NULL OR (reply = 1 AND id = ?3))
       AND (?4 IS NULL OR scope IN (SELECT value FROM json_each(?4))) AND (?5 = 0 OR read IS NULL)
     ORDER BY seq DESC LIMIT ?6`,
  );
  const next = db.prepare(
    `SELECT ${columns} FROM inbox WHERE (?2 IS NULL OR topic = ?2) AND (?3 IS NULL OR (reply = 1 AND id = ?3))
       AND (?4 IS NULL OR scope IN (SELECT value FROM json_each(?4))) AND (?5 = 0 OR read IS NULL)
       AND seq NOT IN (SELECT value FROM json_each(?1))
     ORDER BY seq LIMIT 1`,
  );
  const filter = ({ topic, answerTo, scopes, unread }: Wanted) =>
    [
      topic ?? null,
      answerTo ?? null,
      scopes === undefined ? null : JSON.stringify(scopes.map(toHex)),
      unread === true ? 1 : 0,
    ] as const;
  const prune = db.prepare('DELETE FROM seen WHERE seq <= (SELECT max(seq) FROM seen) - ?');
  const ofKey = 'read IS NOT NULL AND (?1 IS NULL OR key = ?1)';
  const selectOldest = db.prepare(`SELECT ${columns} FROM inbox WHERE ${ofKey} ORDER BY seq LIMIT 1`);
  return {
    add(row, data, digest) {
      const { id, reply, source, key, destination, topic, scope, received } = row;
      const { lastInsertRowid } = insert.run(
        ...[id, reply ? 1 : 0, source, key, destination, topic, toHex(scope), data.length, received, data],
      );
      insertSeen.run(key, id, digest, toHex(scope));
      pruneSender.run(key, ofSender);
      return { ...row, seq: Number(lastInsertRowid), size: data.length, read: null };
    },
    seen: (key, id, digest) => selectSeen.get(key, id, digest) !== undefined,
    scopeOf(key, id) {
      const raw = selectScope.get(key, id) as { scope: string } | undefined;
      return raw === undefined ? null : fromHex(raw.scope);
    },
    sendersOf: (id) => (selectSenders.all(id) as { key: Uint8Array }[]).map((raw) => raw.key),
    first: (wanted, except) => one(next.get(JSON.stringify(except), ...filter(wanted))),
    list: (wanted, limit, before) => page.all(before ?? Number.MAX_SAFE_INTEGER, ...filter(wanted), limit).map(cook),
    get: (seq) => one(selectRow.get(seq)),
    withId: (id) => selectById.all(id).map(cook),
    unread: () =>
      countUnread.all().map((row) => ({
        scope: fromHex(row.scope as string) ?? new Uint8Array(0),
        messages: row.messages as number,
      })),
    data: (seq) => (selectData.get(seq) as { data: Uint8Array } | undefined)?.data ?? null,
    markRead: (seq, at) => void update.run(at, seq),
    remove: (seq) => void drop.run(seq),
    usage: () =>
      db
        .prepare(
          `SELECT lower(hex(inbox.key)) AS key, count(*) AS messages, sum(size) AS bytes, count(read) AS readMessages,
             coalesce(sum(size) FILTER (WHERE read IS NOT NULL), 0) AS readBytes FROM inbox GROUP BY inbox.key`,
        )
        .all() as unknown as (Usage & { key: string })[],
    oldestRead: (key) => one(selectOldest.get(key)),
    pruneSeen: (most) => void prune.run(most),
  };
}
