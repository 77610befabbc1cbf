import { DatabaseSync } from 'node:sqlite';
import { toHex } from '#core/crypto/encoding.ts';
import type { Hash32 } from '#shared/model/evm.ts';
import { fail } from '#shared/rpc/fail.ts';
import { readLedger } from '../chain/read.ts';
import type { Act } from './acts.ts';
import type { OwnRecord } from './register.ts';

/*
 * A backup of the own ledger (docs/formats/ledger-backup.md): its database as it was between two blocks, and in it a table with what is known beside
 * it: what the person called it, where the contracts lie, what credits were issued for.
 */

const version = 1;

export interface Backup {
  readonly record: OwnRecord;
  readonly acts: readonly Act[];
  readonly incarnation: number;
  readonly number: number;
  /** 64 hex digits. */
  readonly hash: string;
}

/** Put what is known beside the ledger into a copy of its database. */
export function completeBackup(path: string, record: OwnRecord, acts: readonly Act[]): void {
  const db = new DatabaseSync(path);
  try {
    db.exec('PRAGMA synchronous=FULL; BEGIN; CREATE TABLE backup (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT');
    const put = db.prepare('INSERT INTO backup VALUES (?, ?)');
    put.run('version', String(version));
    put.run('record', JSON.stringify(record));
    for (const act of acts) put.run(`act ${act.id}`, JSON.stringify(act));
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}

/** @throws Fail BAD_BACKUP */
export function readBackup(path: string): Backup {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { readOnly: true });
    const check = db.prepare('PRAGMA quick_check(1)').get() as { quick_check?: string };
    if (check.quick_check !== 'ok') throw new Error(`it is damaged: ${check.quick_check}`);
    const get = db.prepare('SELECT body FROM backup WHERE name = ?');
    const body = (name: string): unknown => JSON.parse((get.get(name) as { body: string } | undefined)?.body ?? 'null');
    if (body('version') !== version) throw new Error('a later release made it');
    const record = body('record') as OwnRecord;
    const rows = db.prepare("SELECT body FROM backup WHERE name LIKE 'act %'").all() as { body: string }[];
    const ledger = readLedger(db);
    const newest = ledger.block();
    const genesis = `0x${toHex(ledger.block(0).hash())}` as Hash32;
    if (record.chain?.id !== String(ledger.chainId) || record.chain.genesis !== genesis)
      throw new Error('what it says of the ledger is of another one');
    const incarnation = Buffer.from(ledger.records.about('incarnation') ?? new Uint8Array(4)).readUInt32BE();
    const acts = rows.map((row) => JSON.parse(row.body) as Act);
    return { record, acts, incarnation, number: Number(newest.header.number), hash: toHex(newest.hash()) };
  } catch (error) {
    throw fail('BAD_BACKUP', 'This is no backup of a ledger that can be used.', {
      meaning: 'Nothing was changed.',
      next: 'Choose another backup.',
      data: { why: String((error as Error).message) },
    });
  } finally {
    if (db?.isOpen) db.close();
  }
}

/** Make a ledger of a backup: of another incarnation, because it tells another story than the one that was lost. */
export function becomeLedger(path: string, incarnation: number): void {
  const db = new DatabaseSync(path);
  try {
    const value = Buffer.alloc(4);
    value.writeUInt32BE(incarnation);
    db.exec('PRAGMA synchronous=FULL; BEGIN; DROP TABLE backup');
    db.prepare(
      "INSERT INTO about VALUES ('incarnation', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    ).run(value);
    db.exec('COMMIT');
  } finally {
    db.close();
  }
}
