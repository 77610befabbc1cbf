import type { Database } from '#core/store/database.ts';

export type OutboxState = 'waiting' | 'received' | 'read' | 'expired' | 'cancelled';

/** A message of ours, without its content. Times are milliseconds since 1970 UTC. */
export interface OutboxRow {
  readonly seq: number;
  /** 16 hex digits. */
  readonly id: string;
  /** It answers the message with this id, which the destination sent us. */
  readonly reply: boolean;
  /** 16 bytes. */
  readonly destination: Uint8Array;
  readonly topic: Uint8Array;
  readonly size: number;
  readonly created: number;
  readonly expires: number;
  readonly state: OutboxState;
  /** When its state became final; null while it waits. */
  readonly ended: number | null;
}

export interface OutboxStore {
  add(row: Omit<OutboxRow, 'seq' | 'state' | 'ended' | 'size'>, data: Uint8Array): OutboxRow;
  /** What waits, the oldest first. */
  waiting(): OutboxRow[];
  /** The content; null once the message has ended. */
  data(seq: number): Uint8Array | null;
  get(seq: number): OutboxRow | null;
  /** By id, and which way: a message of ours, or an answer of ours to somebody else's; the newest. */
  find(id: string, reply: boolean): OutboxRow | null;
  /** Newest first. */
  list(limit: number, before: number | null): OutboxRow[];
  end(seq: number, state: Exclude<OutboxState, 'waiting'>, at: number): void;
  /** Forget one that ended. @returns false when there is none */
  remove(seq: number): boolean;
  /** Forget all but so many of what ended. */
  prune(most: number): void;
}

type Raw = Omit<OutboxRow, 'reply'> & { reply: number };
const columns = 'seq, id, reply, destination, topic, size, created, expires, state, ended';
const cook = (raw: unknown): OutboxRow => ({ ...(raw as Raw), reply: (raw as Raw).reply === 1 });

export function createOutboxStore({ db }: Database): OutboxStore {
  const insert = db.prepare(
    `INSERT INTO outbox (id, reply, destination, topic, size, created, expires, state, data)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?)`,
  );
  const selectData = db.prepare('SELECT data FROM outbox WHERE seq = ?');
  const selectRow = db.prepare(`SELECT ${columns} FROM outbox WHERE seq = ?`);
  const selectById = db.prepare(
    `SELECT ${columns} FROM outbox WHERE id = ? AND reply = ? ORDER BY state <> 'waiting', seq DESC LIMIT 1`,
  );
  const selectPage = db.prepare(`SELECT ${columns} FROM outbox WHERE seq < ? ORDER BY seq DESC LIMIT ?`);
  const update = db.prepare('UPDATE outbox SET state = ?, ended = coalesce(ended, ?), data = NULL WHERE seq = ?');
  const deleteEnded = db.prepare('DELETE FROM outbox WHERE seq = ? AND ended IS NOT NULL');
  const pruneEnded = db.prepare(
    `DELETE FROM outbox WHERE ended IS NOT NULL AND seq <=
       (SELECT seq FROM outbox WHERE ended IS NOT NULL ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
  );
  return {
    add(row, data) {
      const { id, reply, destination, topic, created, expires } = row;
      const { lastInsertRowid } = insert.run(
        ...[id, reply ? 1 : 0, destination, topic, data.length, created, expires, data],
      );
      return { ...row, seq: Number(lastInsertRowid), size: data.length, state: 'waiting', ended: null };
    },
    waiting: () => db.prepare(`SELECT ${columns} FROM outbox WHERE ended IS NULL ORDER BY seq`).all().map(cook),
    data: (seq) => (selectData.get(seq) as { data: Uint8Array | null } | undefined)?.data ?? null,
    get(seq) {
      const raw = selectRow.get(seq);
      return raw === undefined ? null : cook(raw);
    },
    find(id, reply) {
      const raw = selectById.get(id, reply ? 1 : 0);
      return raw === undefined ? null : cook(raw);
    },
    list: (limit, before) => selectPage.all(before ?? Number.MAX_SAFE_INTEGER, limit).map(cook),
    end: (seq, state, at) => void update.run(state, at, seq),
    remove: (seq) => Number(deleteEnded.run(seq).changes) > 0,
    prune: (most) => void pruneEnded.run(most),
  };
}
