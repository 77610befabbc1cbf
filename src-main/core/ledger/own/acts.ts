import type { Database } from '#core/store/database.ts';
import type { ChainRef, EvmAddress, Hash32 } from '#shared/model/evm.ts';

/** Credits that were issued or given back by this person, and what for. */
export interface Act {
  readonly id: string;
  readonly kind: 'issue' | 'redeem';
  readonly at: number;
  /** `sending` it is not known yet whether it happened; `done` it did; `failed` it did not and will not. */
  readonly state: 'sending' | 'done' | 'failed';
  readonly chain: ChainRef;
  readonly credits: EvmAddress;
  /** Who issues, or gives back. */
  readonly from: EvmAddress;
  /** Whom they were issued to; the same as `from` of what was given back. */
  readonly to: EvmAddress;
  /** Of the smallest unit, decimal. */
  readonly units: string;
  readonly memo: string;
  /** 32 hex digits: without them a short memo could be guessed from its hash. */
  readonly salt: string;
  /** SHA-256 of the record (docs/formats/credit-record.md): what the chain keeps of it. */
  readonly record: Hash32;
  readonly tx: Hash32 | null;
  readonly block: number | null;
}

/** Durable when these return. */
export function createActs({ db, transaction }: Database) {
  const put = db.prepare(
    'INSERT INTO own_act VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body',
  );
  const byRecord = db.prepare('SELECT body FROM own_act WHERE record = ?');
  const sending = db.prepare("SELECT body FROM own_act WHERE state = 'sending' ORDER BY at");
  const all = db.prepare('SELECT body FROM own_act ORDER BY at');
  const failed = db.prepare("SELECT body FROM own_act WHERE state <> 'done' ORDER BY at DESC LIMIT 100");
  const act = (row: unknown): Act => JSON.parse((row as { body: string }).body) as Act;
  return {
    put: (one: Act) => transaction(() => void put.run(one.id, one.at, one.state, one.record, JSON.stringify(one))),
    byRecord(record: string): Act | null {
      const row = byRecord.get(record);
      return row === undefined ? null : act(row);
    },
    all: (): Act[] => all.all().map(act),
    sending: (): Act[] => sending.all().map(act),
    /** What is not on the chain, newest first. */
    open: (): Act[] => failed.all().map(act),
  };
}

export type Acts = ReturnType<typeof createActs>;
