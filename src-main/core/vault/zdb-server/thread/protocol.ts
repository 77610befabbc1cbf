import type { FirstSettings } from '../namespaces.ts';

/* What the main thread asks of the thread that serves storage, and what that tells it. Calls are answered in the order of the work they take. */

export interface ThreadOptions {
  readonly directory: string;
  /** On 127.0.0.1; another one where that is taken. Null: any. */
  readonly localPort: number | null;
  readonly datasize: number;
  readonly connections: number;
  /** Bytes all connections may hold of requests and replies. */
  readonly memory: number;
}

/** A namespace as it is now. */
export interface NamespaceView {
  readonly name: string;
  readonly mode: 'user' | 'seq';
  /** Bytes of payload that may be stored. */
  readonly limit: number;
  readonly used: number;
  readonly onDisk: number;
  readonly keys: number;
  /** The disk did not take what was written; nothing more is. */
  readonly broken: boolean;
}

export interface StorageView {
  readonly connections: number;
  /** Bytes free on the disk; null when that cannot be told. */
  readonly free: number | null;
  /** All but the default one. */
  readonly namespaces: readonly NamespaceView[];
  /** Those that cannot be opened, with the reason. */
  readonly damaged: readonly (readonly [name: string, why: string])[];
}

export type ThreadCalls = {
  /** Once, before all else. @returns the port. @throws Fail IN_USE, or the system's error */
  open(options: ThreadOptions): Promise<number>;
  view(): StorageView;
  create(name: string, first: FirstSettings): Promise<'not allowed' | 'taken' | 'failed' | null>;
  /** @returns false when there is no such namespace */
  setLimit(name: string, bytes: number): Promise<boolean>;
  /** Connections that use it end. `busy`: too many wait for a password to be made. */
  setPassword(name: string, password: string): Promise<'done' | 'absent' | 'busy'>;
  remove(name: string): Promise<'done' | 'absent' | 'failed'>;
  /** Stop listening, end connections, make everything durable. */
  stop(): Promise<void>;
};

export type ThreadEvents = {
  log(level: 'debug' | 'info' | 'warn' | 'error', fields: Record<string, unknown>, message: string): void;
};
