import type { Database } from '#core/store/database.ts';

export type OutboxState = 'waiting' | 'received' | 'read' | 'expired' | 'cancelled';

/** A message of ours, without its content. Times are milliseconds since 1970 UTC. */
export interface OutboxRow {
  readonly seq: number;
  /** 16 hex digits. */
  readonly id: string;
  /** It answers the message with this id, which the destination sent us. */
  readonly reply: boolean;
  /** The person wrote it: it is shown, and its content is kept when it has ended. */
  readonly letter: boolean;
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
  /** The content; null once the message has ended, unless it is a letter. */
  data(seq: number): Uint8Array | null;
  get(seq: number): OutboxRow | null;
  /** By id, and which way: a message of ours, or an answer of ours to somebody else's; the newest. */
  find(id: string, reply: boolean): OutboxRow | null;
  /** Newest first. */
  list(limit: number, before: number | null, lettersOnly: boolean): OutboxRow[];
  end(seq: number, state: Exclude<OutboxState, 'waiting'>, at: number): void;
  /** @returns false when there is none */
  remove(seq: number): boolean;
  /** Forget all but so many of what ended, and what was in all but the newest letters that did. */
  prune(most: number, letters: number, letterBytes: number): void;
}

type Raw = Omit<OutboxRow, 'reply' | 'letter'> & { reply: number; letter: number };
const columns = 'seq, id, reply, letter, destination, topic, size, created, expires, state, ended';
const cook = (raw: unknown): OutboxRow => {
  const row = raw as Raw;
  return { ...row, reply: row.reply === 1, letter: row.letter === 1 };
};

export function createOutboxStore({ db }: Database): OutboxStore {
  const insert = db.prepare(
    `INSERT INTO outbox (id, reply, letter, destination, topic, size, created, expires, state, data)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?)`,
  );
  const selectData = db.prepare('SELECT data FROM outbox WHERE seq = ?');
  const selectRow = db.prepare(`SELECT ${columns} FROM outbox WHERE seq = ?`);
  const selectById = db.prepare(
    `SELECT ${columns} FROM outbox WHERE id = ? AND reply = ? ORDER BY state <> 'waiting', seq DESC LIMIT 1`,
  );
  const selectPage = db.prepare(`SELECT ${columns} FROM outbox WHERE seq < ? ORDER BY seq DESC LIMIT ?`);
  const selectLetters = db.prepare(
    `SELECT ${columns} FROM outbox WHERE letter = 1 AND seq < ? ORDER BY seq DESC LIMIT ?`,
  );
  const update = db.prepare(
    `UPDATE outbox SET state = ?, ended = coalesce(ended, ?), data = CASE letter WHEN 1 THEN data END WHERE seq = ?`,
  );
  const drop = db.prepare('DELETE FROM outbox WHERE seq = ?');
  const pruneEnded = db.prepare(
    `DELETE FROM outbox WHERE ended IS NOT NULL AND letter = 0 AND seq <=
       (SELECT seq FROM outbox WHERE ended IS NOT NULL AND letter = 0 ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
  );
  // An answer to it is still known for one: only its content goes, and with that it is shown no more.
  const pruneLetters = db.prepare(
    `UPDATE outbox SET letter = 0, data = NULL WHERE seq IN (
       SELECT seq FROM (
         SELECT seq, row_number() OVER newer AS place, sum(size) OVER newer AS bytes
         FROM outbox WHERE letter = 1 AND ended IS NOT NULL WINDOW newer AS (ORDER BY seq DESC)
       ) WHERE place > ? OR bytes > ?)`,
  );
  return {
    add(row, data) {
      const { id, reply, letter, destination, topic, created, expires } = row;
      const { lastInsertRowid } = insert.run(
        ...[id, reply ? 1 : 0, letter ? 1 : 0, destination, topic, data.length, created, expires, data],
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
    list: (limit, before, lettersOnly) =>
      (lettersOnly ? selectLetters : selectPage).all(before ?? Number.MAX_SAFE_INTEGER, limit).map(cook),
    end: (seq, state, at) => void update.run(state, at, seq),
    remove: (seq) => Number(drop.run(seq).changes) > 0,
    prune(most, letters, letterBytes) {
      pruneLetters.run(letters, letterBytes);
      pruneEnded.run(most);
    },
  };
}
