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
  /** The contact that a letter is to: it follows their devices. */
  readonly contact: string | null;
  /** The letter (its `seq`) that this takes to another device of the same person, with the letter's content. */
  readonly copyOf: number | null;
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

type Copy = Pick<OutboxRow, 'id' | 'destination' | 'topic'>;
type Added = Omit<OutboxRow, 'seq' | 'state' | 'ended' | 'size' | 'copyOf'>;

export interface OutboxStore {
  /** A message, and copies of it for other devices, all or none. @returns the message first */
  add(row: Added, data: Uint8Array, copies: readonly Copy[]): OutboxRow[];
  /** Another copy of a letter. */
  addCopy(of: OutboxRow, copy: Copy): OutboxRow;
  /** Of a letter, the oldest first. */
  copies(seq: number): OutboxRow[];
  /** Letters to contacts that may still be on their way. */
  toContacts(now: number): OutboxRow[];
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
  /** With its copies. @returns false when there is none */
  remove(seq: number): boolean;
  /** Forget all but so many of what ended, and what was in all but the newest letters that did. */
  prune(most: number, letters: number, letterBytes: number): void;
}

type Raw = Omit<OutboxRow, 'reply' | 'letter'> & { reply: number; letter: number };
const columns =
  'seq, id, reply, letter, contact, copy_of AS copyOf, destination, topic, size, created, expires, state, ended';
/** Neither a letter nor a copy of one: those are kept with the letter, and tell where it arrived. */
const plain =
  'letter = 0 AND NOT EXISTS (SELECT 1 FROM outbox AS whole WHERE whole.seq = outbox.copy_of AND whole.letter = 1)';
const cook = (raw: unknown): OutboxRow => {
  const row = raw as Raw;
  return { ...row, reply: row.reply === 1, letter: row.letter === 1 };
};

export function createOutboxStore({ db, transaction }: Database): OutboxStore {
  const insert = db.prepare(
    `INSERT INTO outbox (id, reply, letter, contact, copy_of, destination, topic, size, created, expires, state, data)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting', ?)`,
  );
  const selectData = db.prepare(
    `SELECT coalesce(one.data, whole.data) AS data
     FROM outbox AS one LEFT JOIN outbox AS whole ON whole.seq = one.copy_of WHERE one.seq = ?`,
  );
  const selectCopies = db.prepare(`SELECT ${columns} FROM outbox WHERE copy_of = ? ORDER BY seq`);
  const selectToContacts = db.prepare(
    `SELECT ${columns} FROM outbox WHERE contact IS NOT NULL AND letter = 1 AND expires > ? ORDER BY seq`,
  );
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
  const drop = db.prepare('DELETE FROM outbox WHERE seq = ?1 OR copy_of = ?1');
  const pruneEnded = db.prepare(
    `DELETE FROM outbox WHERE ended IS NOT NULL AND ${plain} AND seq <=
       (SELECT seq FROM outbox WHERE ended IS NOT NULL AND ${plain} ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
  );
  // An answer to it is still known for one: only its content goes, and with that it is shown no more.
  const pruneLetters = db.prepare(
    `UPDATE outbox SET letter = 0, data = NULL WHERE seq IN (
       SELECT seq FROM (
         SELECT seq, row_number() OVER newer AS place, sum(size) OVER newer AS bytes
         FROM outbox WHERE letter = 1 AND ended IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM outbox AS copy WHERE copy.copy_of = outbox.seq AND copy.ended IS NULL)
         WINDOW newer AS (ORDER BY seq DESC)
       ) WHERE place > ? OR bytes > ?)`,
  );
  const put = (row: Omit<OutboxRow, 'seq' | 'state' | 'ended'>, data: Uint8Array | null): OutboxRow => {
    const { id, reply, letter, contact, copyOf, destination, topic, size, created, expires } = row;
    const { lastInsertRowid } = insert.run(
      ...[id, reply ? 1 : 0, letter ? 1 : 0, contact, copyOf, destination, topic, size, created, expires, data],
    );
    return { ...row, seq: Number(lastInsertRowid), state: 'waiting', ended: null };
  };
  /** To a device that did not ask, an answer is a message like others. */
  const copyFor = (of: OutboxRow, { id, destination, topic }: Copy): OutboxRow =>
    put({ ...of, id, destination, topic, reply: false, letter: false, contact: null, copyOf: of.seq }, null);
  return {
    add: (row, data, copies) =>
      transaction(() => {
        const first = put({ ...row, copyOf: null, size: data.length }, data);
        return [first, ...copies.map((copy) => copyFor(first, copy))];
      }),
    addCopy: copyFor,
    copies: (seq) => selectCopies.all(seq).map(cook),
    toContacts: (now) => selectToContacts.all(now).map(cook),
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
