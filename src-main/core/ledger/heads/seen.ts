import type { Database } from '#core/store/database.ts';
import { contradict, decodeHead, encodeHead, type Head, type SignedHead, statementOf } from './head.ts';

export const seenHeadsMigration = `
  CREATE TABLE seen_head (
    operator TEXT NOT NULL,
    ledger BLOB NOT NULL,
    incarnation INTEGER NOT NULL,
    number INTEGER NOT NULL,
    head BLOB NOT NULL,
    PRIMARY KEY (operator, ledger, incarnation, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE seen_lie (
    operator TEXT NOT NULL,
    ledger BLOB NOT NULL,
    one BLOB NOT NULL,
    other BLOB NOT NULL,
    PRIMARY KEY (operator, ledger)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE seen_accepted (
    operator TEXT NOT NULL,
    ledger BLOB NOT NULL,
    incarnation INTEGER NOT NULL,
    PRIMARY KEY (operator, ledger)
  ) STRICT, WITHOUT ROWID;
`;

/** Heads of one ledger that are kept: the newest, and those that were seen first. */
const mostHeads = 10_000;

/** What a head that somebody showed means for who deals there. */
export type Shown =
  /** It goes on from what was known, or was known. */
  | { readonly is: 'good' }
  | { readonly is: 'forged' }
  /** The operator told two stories: both heads are the proof, for anybody. Deals there are over. */
  | { readonly is: 'lie'; readonly proof: readonly [SignedHead, SignedHead] }
  /** Put back from a backup, which may lack what was paid: deals rest until the person accepts it. */
  | { readonly is: 'another incarnation'; readonly known: number; readonly shown: number }
  /** Of an incarnation that was followed by another. */
  | { readonly is: 'old' };

/** The heads of others' ledgers that this person was shown; durable when these return. */
export function createSeenHeads({ db, transaction }: Database) {
  const get = db.prepare(
    'SELECT head FROM seen_head WHERE operator = ? AND ledger = ? AND incarnation = ? AND number = ?',
  );
  const put = db.prepare('INSERT OR IGNORE INTO seen_head VALUES (?, ?, ?, ?, ?)');
  const lie = db.prepare('SELECT one, other FROM seen_lie WHERE operator = ? AND ledger = ?');
  const putLie = db.prepare('INSERT OR IGNORE INTO seen_lie VALUES (?, ?, ?, ?)');
  const accepted = db.prepare('SELECT incarnation FROM seen_accepted WHERE operator = ? AND ledger = ?');
  const accept = db.prepare(
    'INSERT INTO seen_accepted VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET incarnation = max(incarnation, excluded.incarnation)',
  );
  const count = db.prepare('SELECT count(*) AS n FROM seen_head WHERE operator = ? AND ledger = ?');
  // From the middle: the first ones are the longest proof, the last ones are what is dealt with.
  const thin = db.prepare(
    `DELETE FROM seen_head WHERE operator = ?1 AND ledger = ?2 AND (incarnation, number) IN (
       SELECT incarnation, number FROM seen_head WHERE operator = ?1 AND ledger = ?2 ORDER BY incarnation, number LIMIT 1 OFFSET ?3
     )`,
  );

  const proofOf = (operator: string, ledger: Uint8Array): readonly [SignedHead, SignedHead] | null => {
    const row = lie.get(operator, ledger) as { one: Uint8Array; other: Uint8Array } | undefined;
    const one = row && decodeHead(row.one);
    const other = row && decodeHead(row.other);
    return one && other ? [one, other] : null;
  };
  const knownIncarnation = (operator: string, ledger: Uint8Array): number | null =>
    (accepted.get(operator, ledger) as { incarnation: number } | undefined)?.incarnation ?? null;

  return {
    /**
     * @param operator person id of who runs the ledger
     * @param verify whether that person signed it
     */
    take(operator: string, shown: SignedHead, verify: (bytes: Uint8Array, signature: Uint8Array) => boolean): Shown {
      const { head } = shown;
      if (!verify(statementOf(head), shown.signature)) return { is: 'forged' };
      const ledger = ledgerId(head);
      return transaction((): Shown => {
        const before = proofOf(operator, ledger);
        if (before !== null) return { is: 'lie', proof: before };
        const row = get.get(operator, ledger, head.incarnation, head.number) as { head: Uint8Array } | undefined;
        const there = row === undefined ? null : decodeHead(row.head);
        if (there !== null && contradict(there.head, head)) {
          putLie.run(operator, ledger, encodeHead(there), encodeHead(shown));
          return { is: 'lie', proof: [there, shown] };
        }
        put.run(operator, ledger, head.incarnation, head.number, encodeHead(shown));
        if ((count.get(operator, ledger) as { n: number }).n > mostHeads) thin.run(operator, ledger, mostHeads / 2);
        const known = knownIncarnation(operator, ledger);
        if (known === null) accept.run(operator, ledger, head.incarnation);
        else if (head.incarnation > known) return { is: 'another incarnation', known, shown: head.incarnation };
        else if (head.incarnation < known) return { is: 'old' };
        return { is: 'good' };
      });
    },
    /** The person accepts that a ledger was put back; deals there go on. */
    accept(operator: string, head: Head): void {
      transaction(() => accept.run(operator, ledgerId(head), head.incarnation));
    },
    /** Two heads that cannot both be true; null while there are none. */
    lie: (operator: string, head: Head) => proofOf(operator, ledgerId(head)),
  };
}

const ledgerId = ({ chainId, genesis }: Head): Uint8Array => {
  const id = Buffer.alloc(40);
  id.writeBigUInt64BE(chainId);
  id.set(genesis, 8);
  return id;
};
