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

/** The hash before the first row. */
const genesis = '0'.repeat(64);

/** hash = SHA-256 of the canonical JSON of [previous hash, seq, kind, closes, body]. 64 hex digits. */
export function rowHash(previous: string, row: Omit<JournalRow, 'hash'>): string {
  const text = canonicalJson([previous, row.seq, row.kind, row.closes, row.body]);
  return Buffer.from(sha256(new TextEncoder().encode(text))).toString('hex');
}

/** Check a chain from its first row. Pure, so that an exported log verifies anywhere. */
export function verifyChain(rows: Iterable<JournalRow>): { entries: number; brokenAt: number | null } {
  let previous = genesis;
  let expected = 1;
  let entries = 0;
  for (const row of rows) {
    if (row.seq !== expected || rowHash(previous, row) !== row.hash) return { entries, brokenAt: row.seq };
    if (row.kind === 'begin') entries += 1;
    previous = row.hash;
    expected += 1;
  }
  return { entries, brokenAt: null };
}

export type Journal = ReturnType<typeof createJournal>;

/**
 * The append-only, hash-chained record of everything that had an effect. A begin row is durable before the effect
 * starts, an end row before its result is reported. What began and never ended is closed as interrupted at start.
 */
export function createJournal({ store, host, emit }: { store: Database; host: Host; emit: Emit }) {
  const last = store.db.prepare('SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1');
  const insert = store.db.prepare('INSERT INTO journal (seq, kind, closes, body, hash) VALUES (?, ?, ?, ?, ?)');
  const rows = store.db.prepare('SELECT seq, kind, closes, body, hash FROM journal ORDER BY seq');
  const open = store.db.prepare(
    "SELECT seq FROM journal b WHERE kind = 'begin' AND NOT EXISTS (SELECT 1 FROM journal e WHERE e.closes = b.seq)",
  );
  const pairs = store.db.prepare(`
    SELECT b.seq, b.body AS begin, b.hash, e.body AS end FROM journal b LEFT JOIN journal e ON e.closes = b.seq
    WHERE b.kind = 'begin' AND b.seq < ? ORDER BY b.seq DESC
  `);
  const pair = store.db.prepare(`
    SELECT b.seq, b.body AS begin, b.hash, e.body AS end FROM journal b LEFT JOIN journal e ON e.closes = b.seq
    WHERE b.kind = 'begin' AND b.seq = ?
  `);
  const undoneBy = store.db.prepare(`
    SELECT b.seq FROM journal b JOIN journal e ON e.closes = b.seq
    WHERE b.kind = 'begin' AND json_extract(b.body, '$.undoes') = ? AND json_extract(e.body, '$.outcome') = 'done' LIMIT 1
  `);

  function append(kind: 'begin' | 'end', closes: number | null, body: BeginRecord | EndRecord): number {
    return store.transaction(() => {
      const previous = last.get() as { seq: number; hash: string } | undefined;
      const row = { seq: (previous?.seq ?? 0) + 1, kind, closes, body: JSON.stringify(body) };
      insert.run(row.seq, kind, closes, row.body, rowHash(previous?.hash ?? genesis, row));
      return row.seq;
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
    end(seq: number, record: EndRecord): void {
      append('end', seq, record);
      emit({ topic: 'activity', ids: [String(seq)] });
    },
    /** Entries before `before`, newest first, lazily. */
    *entries(
      before = Number.MAX_SAFE_INTEGER,
    ): Iterable<{ seq: number; hash: string; begin: BeginRecord; end: EndRecord | null }> {
      for (const row of pairs.iterate(before)) yield parsePair(row);
    },
    entry(seq: number) {
      const row = pair.get(seq);
      return row === undefined ? null : parsePair(row);
    },
    /** A later entry has undone this one. */
    isUndone: (seq: number): boolean => undoneBy.get(seq) !== undefined,
    rows: (): Iterable<JournalRow> => rows.iterate() as Iterable<unknown> as Iterable<JournalRow>,
  };
}

function parsePair(row: unknown): { seq: number; hash: string; begin: BeginRecord; end: EndRecord | null } {
  const { seq, hash, begin, end } = row as { seq: number; hash: string; begin: string; end: string | null };
  return {
    seq,
    hash,
    begin: JSON.parse(begin) as BeginRecord,
    end: end === null ? null : (JSON.parse(end) as EndRecord),
  };
}
