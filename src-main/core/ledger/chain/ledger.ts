import { closeSync, fsyncSync, openSync } from 'node:fs';
import type { Block } from '@ethereumjs/block';
import type { Common } from '@ethereumjs/common';
import { CODEHASH_PREFIX } from '@ethereumjs/statemanager';
import { createTxFromRLP, type TypedTransaction } from '@ethereumjs/tx';
import type { VM } from '@ethereumjs/vm';
import { concatBytes } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { rulesOf } from '#core/evm/own-rules.ts';
import type { Host, Logger } from '#core/host.ts';
import { type Database, openDatabase } from '#core/store/database.ts';
import { fail } from '#shared/rpc/fail.ts';
import { blockFromHeader, genesisBlock, machineAt } from './execution.ts';
import { createNodeStore } from './node-store.ts';
import { createRecords, type Records } from './records.ts';
import { blockGas, chainIdFrom } from './rules.ts';
import { ledgerMigrations } from './schema.ts';
import { type Sealed, seal } from './sealer.ts';

/** Transactions of one block, at most; more wait for the next. */
const blockTransactions = 200;
/** Transactions that wait; more are refused until some are through. */
const mostWaiting = 2_000;
/** Bytes of one transaction. */
const largestTransaction = 128 * 1024;

/** An own chain: Ethereum's rules, one writer, and every answer durable before it is given. */
export interface Ledger {
  readonly chainId: bigint;
  readonly rules: Common;
  readonly records: Records;
  /** 20 bytes: the account that blocks name as theirs. */
  readonly operator: Uint8Array;
  /**
   * Put a signed transaction into the next block.
   *
   * @returns its hash, when the block is durable
   * @throws Fail TX_INVALID for what can be in no block, BUSY when too many wait, DISK_FULL; nothing has happened then
   */
  submit(raw: Uint8Array): Promise<Uint8Array>;
  /** The newest block, or that of a number. */
  block(number?: number): Block;
  /** A machine over the state after a block, to look with; what it does is kept nowhere. */
  machine(number?: number): Promise<VM>;
  /** What has this hash of 32 bytes: a node of some state's tree, or the code of a contract. */
  node(hash: Uint8Array): Promise<Uint8Array | null>;
  /** How many times it was put back from a backup. */
  incarnation(): number;
  /** Durable when it returns. */
  setIncarnation(incarnation: number): void;
  /** A copy as it is between two blocks, whole and durable; there must be no file at the path. */
  copyTo(path: string): void;
  /** Called after each block, when it is durable. */
  onBlock(listener: (block: Block) => void): () => void;
  /** Ends when what waits is through. */
  close(): Promise<void>;
}

export interface LedgerOptions {
  readonly path: string;
  readonly host: Pick<Host, 'now' | 'random'>;
  readonly log: Logger;
  /** 20 bytes, for a ledger that is made now; one that is there keeps its own. */
  readonly operator: Uint8Array;
}

interface Waiting {
  readonly tx: TypedTransaction;
  readonly resolve: (hash: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/** Open a ledger, or make one where there is none. @throws Fail of {@link openDatabase} */
export function openLedger({ path, host, log, operator }: LedgerOptions): Ledger {
  const database = openDatabase({ path, migrations: ledgerMigrations, log });
  const records = createRecords(database);
  if (records.newest() === undefined) begin(database, records, host, operator);
  const chainId = Buffer.from(records.about('chain') ?? new Uint8Array(8)).readBigUInt64BE();
  const owner = Uint8Array.from(records.about('operator') ?? operator);
  const rules = rulesOf(chainId);
  const nodes = createNodeStore(database);
  const listeners = new Set<(block: Block) => void>();
  const queue: Waiting[] = [];
  let running: Promise<void> | null = null;
  let closed = false;
  let ready: VM | null = null;

  const hashOf = (number: number) => records.byNumber(number)?.hash ?? null;
  const blockAt = (number?: number): Block => {
    const row = number === undefined ? records.newest() : records.byNumber(number);
    if (row === undefined) throw fail('NOT_FOUND', `The ledger has no block ${number}.`, { data: { what: 'block' } });
    return blockFromHeader(rules, row.header);
  };
  const machine = (number?: number) => machineAt(rules, nodes, blockAt(number).header.stateRoot, hashOf);

  const commit = async (batch: readonly Waiting[]): Promise<void> => {
    const parent = blockAt();
    ready ??= await machine();
    const moment = {
      timestamp: Math.max(Math.floor(host.now() / 1_000), Number(parent.header.timestamp) + 1),
      random: host.random(32),
      coinbase: owner,
    };
    let sealed: Sealed;
    try {
      sealed = await seal(
        ready,
        rules,
        parent,
        batch.map(({ tx }) => tx),
        moment,
      );
      if (sealed.done.length > 0) {
        database.transaction(() => {
          nodes.flush();
          records.add(sealed);
        });
      } else {
        ready = null;
      }
    } catch (error) {
      // What this machine remembers is of a block that is not there.
      ready = null;
      throw error;
    } finally {
      nodes.forget();
    }
    const why = new Map(sealed.refused.map((one) => [one.tx, one.why]));
    for (const { tx, resolve, reject } of batch) {
      const refused = why.get(tx);
      if (refused === undefined) resolve(tx.hash());
      else reject(invalid(refused));
    }
    if (sealed.done.length > 0) for (const listener of listeners) listener(sealed.block);
  };

  const run = async (): Promise<void> => {
    while (queue.length > 0) {
      const batch = queue.splice(0, blockTransactions);
      try {
        await commit(batch);
      } catch (error) {
        log.error({ error: String(error) }, 'a block of the ledger came to nothing');
        for (const { reject } of batch) reject(asFailure(error));
      }
    }
    running = null;
  };

  return {
    chainId,
    rules,
    records,
    operator: owner,
    submit(raw) {
      return new Promise((resolve, reject) => {
        if (closed) throw fail('STOPPING', 'The ledger is closing.', { next: 'Try again when Hypha has started.' });
        if (queue.length >= mostWaiting) {
          throw fail('BUSY', 'Too many transactions wait for the ledger.', { next: 'Try again in a moment.' });
        }
        const tx = decode(raw, rules);
        if (records.tx(tx.hash()) !== undefined) throw invalid('it is in the ledger already');
        queue.push({ tx, resolve, reject });
        running ??= Promise.resolve().then(run);
      });
    },
    block: blockAt,
    machine,
    // The machine keeps codes apart from nodes by this prefix.
    node: async (hash) =>
      (await nodes.get(toHex(hash))) ?? (await nodes.get(toHex(concatBytes(CODEHASH_PREFIX, hash)))) ?? null,
    incarnation: () => Buffer.from(records.about('incarnation') ?? new Uint8Array(4)).readUInt32BE(),
    setIncarnation(incarnation) {
      const value = Buffer.alloc(4);
      value.writeUInt32BE(incarnation);
      database.transaction(() => records.setAbout('incarnation', value));
    },
    copyTo: (to) => copyDatabase(database, to),
    onBlock(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      closed = true;
      await running;
      database.close();
    },
  };
}

/** The copy is on the disk when this returns: what is said to be kept survives a power cut. */
function copyDatabase({ db }: Database, to: string): void {
  db.prepare('VACUUM INTO ?').run(to);
  const file = openSync(to, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function begin(database: Database, records: Records, host: LedgerOptions['host'], operator: Uint8Array): void {
  const chainId = chainIdFrom(host.random(8));
  const id = Buffer.alloc(8);
  id.writeBigUInt64BE(chainId);
  // Sixteen random bytes make the first block, and all after it, this ledger's alone.
  const block = genesisBlock(rulesOf(chainId), Math.floor(host.now() / 1_000), blockGas, host.random(16));
  database.transaction(() => {
    records.setAbout('chain', id);
    records.setAbout('operator', operator);
    records.genesis(block);
  });
}

/** @throws Fail TX_INVALID */
function decode(raw: Uint8Array, rules: Common): TypedTransaction {
  if (raw.length === 0 || raw.length > largestTransaction) throw invalid(`it has ${raw.length} bytes`);
  let tx: TypedTransaction;
  try {
    tx = createTxFromRLP(raw, { common: rules });
  } catch (error) {
    throw invalid((error as Error).message);
  }
  if (!tx.isSigned() || !tx.verifySignature()) throw invalid('it is not signed');
  // Without a chain id it could be played again on any other chain, and theirs here (EIP-155).
  if (tx.common.chainId() !== rules.chainId() || (tx.type === 0 && !tx.supports(155)))
    throw invalid('it is for another chain');
  if (!tx.isValid()) throw invalid(tx.getValidationErrors().join('; '));
  return tx;
}

const invalid = (why: string) =>
  fail('TX_INVALID', `The transaction cannot be in a block: ${why.replace(/\s*\(vm hf.*$/s, '')}.`, {
    meaning: 'Nothing was paid and nothing has changed.',
    data: { why },
  });

function asFailure(error: unknown): unknown {
  const full = (error as { errcode?: number }).errcode === 13 || (error as { code?: string }).code === 'ENOSPC';
  if (!full) return error;
  return fail('DISK_FULL', 'The disk that the ledger lies on is full.', {
    meaning: 'The transaction was not made.',
    next: 'Free some space, then try again.',
  });
}
