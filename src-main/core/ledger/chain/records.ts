import type { Block } from '@ethereumjs/block';
import type { Database } from '#core/store/database.ts';
import type { Done, Sealed } from './sealer.ts';

/** A block as it is kept. */
export type BlockRow = {
  readonly number: number;
  readonly hash: Uint8Array;
  /** RLP. */
  readonly header: Uint8Array;
};

/** A transaction and its receipt as they are kept. */
export type TxRow = {
  readonly hash: Uint8Array;
  readonly block: number;
  readonly position: number;
  /** As it was signed and handed in. */
  readonly raw: Uint8Array;
  readonly sender: Uint8Array;
  /** Null where a contract was created. */
  readonly receiver: Uint8Array | null;
  readonly created: Uint8Array | null;
  /** 1 done, 0 failed: it counts, and changed nothing but its sender's nonce. */
  readonly status: number;
  readonly gas: number;
  readonly gas_so_far: number;
  /** Wei for each gas, decimal. */
  readonly price: string;
  readonly bloom: Uint8Array;
  /** What it failed with, as the contract gave it. */
  readonly reason: Uint8Array | null;
};

export type LogRow = {
  readonly block: number;
  /** Within its block. */
  readonly number: number;
  readonly tx: Uint8Array;
  /** Of its transaction, within the block. */
  readonly position: number;
  readonly block_hash: Uint8Array;
  readonly address: Uint8Array;
  readonly topic0: Uint8Array | null;
  readonly topic1: Uint8Array | null;
  readonly topic2: Uint8Array | null;
  readonly topic3: Uint8Array | null;
  readonly data: Uint8Array;
};

/** Which logs are wanted; an empty list of addresses or topics stands for any. */
export interface LogFilter {
  readonly from: number;
  readonly to: number;
  readonly addresses: readonly Uint8Array[];
  readonly topics: readonly (readonly Uint8Array[])[];
}

const selectLogs = `SELECT log.*, tx.position, block.hash AS block_hash FROM log
  JOIN tx ON tx.hash = log.tx JOIN block ON block.number = log.block`;

export function createRecords({ db }: Pick<Database, 'db'>) {
  const newest = db.prepare('SELECT * FROM block ORDER BY number DESC LIMIT 1');
  const byNumber = db.prepare('SELECT * FROM block WHERE number = ?');
  const byHash = db.prepare('SELECT * FROM block WHERE hash = ?');
  const tx = db.prepare('SELECT * FROM tx WHERE hash = ?');
  const txsOf = db.prepare('SELECT * FROM tx WHERE block = ? ORDER BY position');
  const logsOf = db.prepare(`${selectLogs} WHERE log.block = ? AND log.tx = ? ORDER BY log.number`);
  const addBlock = db.prepare('INSERT INTO block (number, hash, header) VALUES (?, ?, ?)');
  const addTx = db.prepare('INSERT INTO tx VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const addLog = db.prepare('INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const countTxs = db.prepare('SELECT count(*) AS n FROM tx');
  const about = db.prepare('SELECT value FROM about WHERE name = ?');
  const setAbout = db.prepare(
    'INSERT INTO about (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );

  const add = (block: Block, done: readonly Done[]): void => {
    const number = Number(block.header.number);
    addBlock.run(number, block.hash(), block.header.serialize());
    let logs = 0;
    for (const [position, { tx: one, result }] of done.entries()) {
      const hash = one.hash();
      const failed = result.execResult.exceptionError !== undefined;
      addTx.run(
        hash,
        number,
        position,
        one.serialize(),
        one.getSenderAddress().bytes,
        one.to?.bytes ?? null,
        result.createdAddress?.bytes ?? null,
        failed ? 0 : 1,
        Number(result.totalGasSpent),
        Number(result.receipt.cumulativeBlockGasUsed),
        String(result.totalGasSpent === 0n ? 0n : result.amountSpent / result.totalGasSpent),
        result.bloom.bitvector,
        failed ? result.execResult.returnValue : null,
      );
      for (const [address, topics, data] of result.receipt.logs) {
        const topic = (i: number) => topics[i] ?? null;
        addLog.run(number, logs, hash, address, topic(0), topic(1), topic(2), topic(3), data);
        logs += 1;
      }
    }
  };

  return {
    newest: () => newest.get() as BlockRow | undefined,
    byNumber: (number: number) => byNumber.get(number) as BlockRow | undefined,
    byHash: (hash: Uint8Array) => byHash.get(hash) as BlockRow | undefined,
    tx: (hash: Uint8Array) => tx.get(hash) as TxRow | undefined,
    txsOf: (number: number) => txsOf.all(number) as TxRow[],
    /** Logs of one transaction. */
    logsOf: ({ block, hash }: TxRow) => logsOf.all(block, hash) as LogRow[],
    countTxs: () => (countTxs.get() as { n: number }).n,
    about: (name: string) => (about.get(name) as { value: Uint8Array } | undefined)?.value,
    setAbout: (name: string, value: Uint8Array) => void setAbout.run(name, value),
    genesis: (block: Block) => add(block, []),
    add: ({ block, done }: Sealed) => add(block, done),
    /** At most `most` logs, oldest first. */
    logs({ from, to, addresses, topics }: LogFilter, most: number): LogRow[] {
      const wheres = ['log.block BETWEEN ? AND ?'];
      const values: (number | Uint8Array)[] = [from, to];
      const oneOf = (column: string, wanted: readonly Uint8Array[]) => {
        if (wanted.length === 0) return;
        wheres.push(`${column} IN (${wanted.map(() => '?').join(', ')})`);
        values.push(...wanted);
      };
      oneOf('log.address', addresses);
      for (const [i, wanted] of topics.slice(0, 4).entries()) oneOf(`log.topic${i}`, wanted);
      const found = db.prepare(`${selectLogs} WHERE ${wheres.join(' AND ')} ORDER BY log.block, log.number LIMIT ?`);
      return found.all(...values, most) as LogRow[];
    },
  };
}

export type Records = ReturnType<typeof createRecords>;
