import type { Verified } from '../chain/verify.ts';

/* What the main thread asks of the thread that runs the own ledger, and what that tells it. The database is open in that thread alone. */

/** A block as heads name it. */
export interface Newest {
  readonly number: number;
  readonly hash: Uint8Array;
  /** Root of the state after it. */
  readonly state: Uint8Array;
  /** Seconds since 1970. */
  readonly at: number;
}

export interface Opened {
  readonly chainId: bigint;
  readonly genesis: Uint8Array;
  /** 20 bytes. */
  readonly operator: Uint8Array;
  readonly incarnation: number;
  readonly newest: Newest;
}

export interface Size {
  readonly transactions: number;
  /** Of the database and its log on the disk. */
  readonly bytes: number;
}

export type ThreadCalls = {
  /**
   * Once, before all else.
   *
   * @param operator 20 bytes, to make a ledger where there is none; null when there must be one
   * @throws Fail NOT_FOUND where there must be one and is none, and those of a database
   */
  open(path: string, operator: Uint8Array | null): Opened;
  /** A question of JSON-RPC as text, in a conversation with filters of its own. */
  ask(session: number, text: string): Promise<string | null>;
  end(session: number): void;
  /** The hash of a block; null where there is none. */
  hashAt(number: number): Uint8Array | null;
  size(): Size;
  /** Durable when it returns. */
  setIncarnation(incarnation: number): void;
  /** A copy of the database as it is between two blocks, whole and durable; the file must not be there. */
  copyTo(path: string): void;
  close(): Promise<void>;
};

export type ThreadEvents = {
  block(newest: Newest): void;
  log(level: 'debug' | 'info' | 'warn' | 'error', fields: Record<string, unknown>, message: string): void;
};

/* The thread that executes a ledger again reads the same file beside the one that runs it, and writes nothing. */

export type VerifyCalls = {
  verify(path: string): Promise<Verified>;
};

export type VerifyEvents = {
  progress(done: number, total: number): void;
};
