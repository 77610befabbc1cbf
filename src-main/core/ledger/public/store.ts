import { z } from 'zod';
import type { Contracts } from '#core/evm/chain.ts';
import type { Database } from '#core/store/database.ts';
import { type ChainRef, evmAddressSchema, type Hash32 } from '#shared/model/evm.ts';
import type { Checkpoint } from './pool.ts';

export const publicMigrations: readonly string[] = [
  `
  CREATE TABLE public_chain (
    ref TEXT PRIMARY KEY,
    genesis TEXT NOT NULL,
    name TEXT NOT NULL,
    symbol TEXT NOT NULL,
    rpcs TEXT NOT NULL,
    confirmations INTEGER NOT NULL,
    added_at INTEGER NOT NULL,
    contracts TEXT,
    puts INTEGER NOT NULL DEFAULT 0,
    seen_number INTEGER,
    seen_hash TEXT
  ) STRICT, WITHOUT ROWID;
`,
  `
  CREATE TABLE carried (
    export TEXT NOT NULL,
    ref TEXT NOT NULL,
    secret TEXT NOT NULL,
    PRIMARY KEY (export, ref)
  ) STRICT, WITHOUT ROWID;
`,
];

/** A server of a chain, and the name by which the person can remove it. */
export interface Rpc {
  readonly id: string;
  readonly url: string;
}
const rpcsSchema = z.array(z.object({ id: z.string(), url: z.string() }));

/** A public chain as the person added it. */
export interface PublicChainRow {
  readonly ref: ChainRef;
  readonly genesis: Hash32;
  readonly name: string;
  /** Of its coin, which has 18 decimals on every chain of this kind. */
  readonly symbol: string;
  readonly rpcs: readonly Rpc[];
  readonly confirmations: number;
  readonly addedAt: number;
  readonly contracts: Contracts | null;
  /** How many times contracts were put there to the end. */
  readonly puts: number;
}

const contractsSchema = z.object({
  deals: evmAddressSchema,
  nodes: evmAddressSchema,
  names: evmAddressSchema,
  attestations: evmAddressSchema,
  credits: evmAddressSchema.nullable(),
});

/** Durable when these return. */
export function createPublicStore({ db, transaction }: Database) {
  const all = db.prepare('SELECT * FROM public_chain ORDER BY added_at, ref');
  const put = db.prepare(
    `INSERT INTO public_chain (ref, genesis, name, symbol, rpcs, confirmations, added_at, contracts, puts)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (ref) DO UPDATE SET name = excluded.name, symbol = excluded.symbol,
     rpcs = excluded.rpcs, confirmations = excluded.confirmations, contracts = excluded.contracts, puts = excluded.puts`,
  );
  const drop = db.prepare('DELETE FROM public_chain WHERE ref = ?');
  const seen = db.prepare('SELECT seen_number AS number, seen_hash AS hash FROM public_chain WHERE ref = ?');
  const see = db.prepare('UPDATE public_chain SET seen_number = ?, seen_hash = ? WHERE ref = ?');

  const secret = db.prepare('SELECT secret FROM carried WHERE export = ? AND ref = ?');
  const hide = db.prepare('INSERT INTO carried (export, ref, secret) VALUES (?, ?, ?)');

  return {
    /** What hides the names of an export on a chain until they are taken: made once, the same ever after. */
    secretOf: (export_: Hash32, ref: ChainRef, make: () => Hash32): Hash32 =>
      transaction(() => {
        const row = secret.get(export_, ref) as { secret: Hash32 } | undefined;
        if (row !== undefined) return row.secret;
        const made = make();
        hide.run(export_, ref, made);
        return made;
      }),
    all: (): PublicChainRow[] =>
      (all.all() as Record<string, string & number>[]).map((row) => ({
        ref: row.ref as unknown as ChainRef,
        genesis: row.genesis as unknown as Hash32,
        name: String(row.name),
        symbol: String(row.symbol),
        rpcs: rpcsSchema.parse(JSON.parse(String(row.rpcs))),
        confirmations: Number(row.confirmations),
        addedAt: Number(row.added_at),
        contracts: row.contracts === null ? null : contractsSchema.parse(JSON.parse(String(row.contracts))),
        puts: Number(row.puts),
      })),
    save(row: PublicChainRow): void {
      const { ref, genesis, name, symbol, rpcs, confirmations, addedAt, contracts, puts } = row;
      const lies = contracts === null ? null : JSON.stringify(contracts);
      transaction(() => put.run(ref, genesis, name, symbol, JSON.stringify(rpcs), confirmations, addedAt, lies, puts));
    },
    remove: (ref: ChainRef) => transaction(() => void drop.run(ref)),
    checkpoint(ref: ChainRef): Checkpoint | null {
      const row = seen.get(ref) as { number: number | null; hash: string | null } | undefined;
      return row?.number == null || row.hash === null ? null : { number: row.number, hash: row.hash };
    },
    setCheckpoint: (ref: ChainRef, at: Checkpoint | null) =>
      transaction(() => void see.run(at?.number ?? null, at?.hash ?? null, ref)),
  };
}
