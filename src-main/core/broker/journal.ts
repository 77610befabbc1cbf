import { sha256 } from '#core/crypto/hash.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';
import type { Effect, Face } from '#shared/rpc/contract.ts';
import type { Failure } from '#shared/rpc/fail.ts';
import type { Emit, Host } from '../host.ts';
import type { Database } from '../store/database.ts';

export const journalMigration = `
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('begin', 'end')),
    -- the begin row this end row closes
    closes INTEGER REFERENCES journal (seq),
    body TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX journal_closes ON journal (closes) WHERE closes IS NOT NULL;
`;

/** Whether an entry was undone is asked for every entry shown: found by index, not by reading the whole log. */
export const journalUndoesMigration = `
  CREATE INDEX journal_undoes ON journal (json_extract(body, '$.undoes'))
  WHERE kind = 'begin' AND json_extract(body, '$.undoes') IS NOT NULL;
`;

export interface BeginRecord {
  at: number;
  caller: { face: Face; name: string };
  method: string;
  effect: Effect;
  summary: string;
  authority: 'person' | 'consent' | 'mandate' | 'grant';
  task: string | null;
  /** The entry that this call undoes. */
  undoes: number | null;
}

export interface EndRecord {
  at: number;
  outcome: 'done' | 'failed' | 'cancelled' | 'refused' | 'interrupted';
  failure: Failure | null;
  undo: { method: string; input: unknown } | null;
}

export interface JournalRow {
  seq: number;
  kind: 'begin' | 'end';
  closes: number | null;
  body: string;
  hash: string;
}

/** A begin row and its end row; no end while it goes on. */
export interface JournalEntry {
  seq: number;
  hash: string;
  begin: BeginRecord;
  end: EndRecord | null;
}

/** Whole entries remembered while they cannot be written; what comes after that is done, and missing in the log. */
const mostLate = 1000;
const retryMs = 30_000;

/** The hash before the first row. */
const genesis = '0'.repeat(64);

/** hash = SHA-256 of the canonical JSON of [previous hash, seq, kind, closes, body]. 64 hex digits. */
export function rowHash(previous: string, row: Omit<JournalRow, 'hash'>): string {
  const text = canonicalJson([previous, row.seq, row.kind, row.closes, row.body]);
  return Buffer.from(sha256(new TextEncoder().encode(text))).toString('hex');
}

/** How far a chain was checked. */
export interface ChainState {
  readonly seq: number;
  readonly hash: string;
  readonly entries: number;
  /** The first row that does not fit. */
  readonly brokenAt: number | null;
}

export const chainStart: ChainState = { seq: 0, hash: genesis, entries: 0, brokenAt: null };

/** Check the next rows of a chain; from {@link chainStart} for its first row. docs/formats/journal.md. */
export function verifyChain(rows: Iterable<JournalRow>, from: ChainState = chainStart): ChainState {
  let { seq, hash, entries, brokenAt } = from;
  for (const row of rows) {
    if (brokenAt !== null) break;
    if (row.seq !== seq + 1 || rowHash(hash, row) !== row.hash) {
      brokenAt = row.seq;
      break;
    }
    if (row.kind === 'begin') entries += 1;
    ({ seq, hash } = row);
  }
  return { seq, hash, entries, brokenAt };
}

export type Journal = ReturnType<typeof createJournal>;

/**
 * The append-only, hash-chained record of everything that had an effect. A begin row is durable before the effect
 * starts, an end row before its result is reported. What began and never ended is closed as interrupted at start.
 */
export function createJournal({ store, host, emit }: { store: Database; host: Host; emit: Emit }) {
  const last = store.db.prepare('SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1');
  const insert = store.db.prepare('INSERT INTO journal (seq, kind, closes, body, hash) VALUES (?, ?, ?, ?, ?)');
  const rows = store.db.prepare('SELECT seq, kind, closes, body, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?');
  const open = store.db.prepare(
    "SELECT seq FROM journal b WHERE kind = 'begin' AND NOT EXISTS (SELECT 1 FROM journal e WHERE e.closes = b.seq)",
  );
  const pairs = store.db.prepare(`
    SELECT b.seq, b.body AS begin, b.hash, e.body AS end FROM journal b LEFT JOIN journal e ON e.closes = b.seq
    WHERE b.kind = 'begin' AND b.seq < ? ORDER BY b.seq DESC LIMIT ?
  `);
  const pair = store.db.prepare(`
    SELECT b.seq, b.body AS begin, b.hash, e.body AS end FROM journal b LEFT JOIN journal e ON e.closes = b.seq
    WHERE b.kind = 'begin' AND b.seq = ?
  `);
  const undoneBy = store.db.prepare(`
    SELECT b.seq FROM journal b LEFT JOIN journal e ON e.closes = b.seq
    WHERE b.kind = 'begin' AND json_extract(b.body, '$.undoes') IS NOT NULL AND json_extract(b.body, '$.undoes') = ?
      AND (e.seq IS NULL OR json_extract(e.body, '$.outcome') = 'done') LIMIT 1
  `);
  /** What could not be written (a full disk): ends of entries, and whole entries. They go before the next row. */
  const late: { seq: number | BeginRecord; record: EndRecord }[] = [];
  let trying = false;

  function write(kind: 'begin' | 'end', closes: number | null, body: BeginRecord | EndRecord): number {
    const previous = last.get() as { seq: number; hash: string } | undefined;
    const row = { seq: (previous?.seq ?? 0) + 1, kind, closes, body: JSON.stringify(body) };
    insert.run(row.seq, kind, closes, row.body, rowHash(previous?.hash ?? genesis, row));
    return row.seq;
  }

  function writeLate(): void {
    for (const { seq, record } of late) {
      write('end', typeof seq === 'number' ? seq : write('begin', null, seq), record);
    }
  }

  function append(kind: 'begin' | 'end', closes: number | null, body: BeginRecord | EndRecord): number {
    const seq = store.transaction(() => {
      writeLate();
      return write(kind, closes, body);
    });
    late.length = 0;
    return seq;
  }

  /** Write what is late; as long as it cannot be, try again by and by. */
  function catchUp(): void {
    if (late.length === 0) return;
    try {
      store.transaction(writeLate);
      late.length = 0;
      emit({ topic: 'activity', ids: [] });
    } catch {
      // Still no room. What cannot be written at all was reported when it first failed.
      catchUpLater();
    }
  }

  function catchUpLater(): void {
    if (trying) return;
    trying = true;
    host.setTimer(retryMs, () => {
      trying = false;
      if (store.db.isOpen) catchUp();
    });
  }

  for (const row of open.all() as { seq: number }[]) {
    append('end', row.seq, { at: host.now(), outcome: 'interrupted', failure: null, undo: null });
  }

  return {
    /** Durable when it returns. */
    begin(record: BeginRecord): number {
      const seq = append('begin', null, record);
      emit({ topic: 'activity', ids: [String(seq)] });
      return seq;
    },
    /** Durable when it returns. When it throws it is remembered, and written when there is room. */
    end(seq: number, record: EndRecord): void {
      try {
        append('end', seq, record);
      } catch (error) {
        late.push({ seq, record });
        catchUpLater();
        throw error;
      }
      emit({ topic: 'activity', ids: [String(seq)] });
    },
    /** Both rows of an entry whose first could not be written before it happened: written now, or when there is room. */
    afterwards(begin: BeginRecord, end: EndRecord): void {
      if (late.length < mostLate) late.push({ seq: begin, record: end });
      catchUp();
    },
    catchUp,
    /** At most `most` entries before `before`, newest first. */
    entries: (before = Number.MAX_SAFE_INTEGER, most = 1000): JournalEntry[] => pairs.all(before, most).map(parsePair),
    entry(seq: number): JournalEntry | null {
      const row = pair.get(seq);
      return row === undefined ? null : parsePair(row);
    },
    /** A later entry has undone this one, or is about to. */
    isUndone: (seq: number): boolean => undoneBy.get(seq) !== undefined,
    /** At most `most` rows after `after`, in the order of the chain. */
    rows: (after = 0, most = 1000): JournalRow[] => rows.all(after, most) as unknown[] as JournalRow[],
  };
}

function parsePair(row: unknown): JournalEntry {
  const { seq, hash, begin, end } = row as { seq: number; hash: string; begin: string; end: string | null };
  return {
    seq,
    hash,
    begin: JSON.parse(begin) as BeginRecord,
    end: end === null ? null : (JSON.parse(end) as EndRecord),
  };
}
