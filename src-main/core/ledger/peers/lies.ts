import type { Database } from '#core/store/database.ts';
import type { ChainRef } from '#shared/model/evm.ts';
import { decodeProof, encodeProof, type LieProof } from './proof.ts';

export interface KeptLie {
  readonly ref: ChainRef;
  readonly contact: string;
  readonly at: number;
  /** Null where nobody else could check it: too many blocks lie between the two heads. */
  readonly proof: LieProof | null;
}

/** Proofs that operators told two stories, kept also after a ledger was left; durable when these return. */
export function createLies({ db, transaction }: Database) {
  const put = db.prepare('INSERT OR IGNORE INTO lie VALUES (?, ?, ?, ?)');
  const all = db.prepare('SELECT ref, contact, proof, at FROM lie ORDER BY at');
  const of = db.prepare('SELECT 1 FROM lie WHERE ref = ? AND contact = ?');
  return {
    keep: ({ ref, contact, proof, at }: KeptLie) =>
      transaction(() => void put.run(ref, contact, proof === null ? new Uint8Array() : encodeProof(proof), at)),
    has: (ref: ChainRef, contact: string): boolean => of.get(ref, contact) !== undefined,
    list: (): readonly KeptLie[] =>
      (all.all() as { ref: ChainRef; contact: string; proof: Uint8Array; at: number }[]).map((row) => ({
        ...row,
        proof: decodeProof(row.proof),
      })),
  };
}

export type Lies = ReturnType<typeof createLies>;
