import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '#core/host.ts';
import type { Core, Session } from '../core.ts';
import type { Lender } from '../pool/lender.ts';
import type { DeadProperties } from './dead-properties.ts';
import type { IfList } from './if-header.ts';
import type { Locks } from './locks.ts';

/** What a disk stands on, as long as the vault is unlocked. */
export interface Disk {
  readonly core: Core;
  readonly session: Session;
  readonly locks: Locks;
  readonly dead: DeadProperties;
  readonly log: Logger;
  /** Values of `Host` that are this server, and `scheme://host` addresses with them. */
  readonly hosts: ReadonlySet<string>;
  /** Files that may be stored at the same time. */
  readonly lanes: Lender<number>;
  /** Milliseconds that a connection may be silent. */
  readonly silence: number;
}

/** One request, let in and with its address read. */
export interface Exchange {
  readonly method: string;
  /** Names from the root of the vault. */
  readonly path: readonly string[];
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborts when the client has gone or the disk ends. */
  readonly signal: AbortSignal;
  /** The `If` header. */
  readonly lists: readonly IfList[];
  /** Tokens of locks that the client named. */
  readonly tokens: ReadonlySet<string>;
  /** Tell a client that waits with its body to send it. */
  goOn(): void;
}
