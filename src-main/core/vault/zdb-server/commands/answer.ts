import type { Logger } from '#core/host.ts';
import type { Namespace, Namespaces } from '../namespaces.ts';
import type { Disk } from '../store/disk.ts';
import type { BufferPool } from '../wire/buffer-pool.ts';
import type { Reply } from '../wire/reply.ts';
import { failure } from '../wire/reply.ts';
import type { Word } from '../wire/request-parser.ts';

/** One connection, as commands see it. */
export interface Session {
  namespace: Namespace;
  admin: boolean;
  /** SELECT gave leave to write. */
  writable: boolean;
  /** Of AUTH SECURE CHALLENGE. */
  challenge: string | null;
  /** Of buffers for its replies; null where nobody tells when they are done with. */
  readonly pool: BufferPool | null;
}

/** Counted since the start, for INFO. */
export interface ServerCounts {
  clients: number;
  executed: number;
  failed: number;
  unauthorized: number;
  received: number;
  sent: number;
}

/** What commands work on. */
export interface Ground {
  readonly namespaces: Namespaces;
  /** The password of administrators; null: every client is one. */
  readonly admin: string | null;
  /** The default namespace is written to with the administrators' password only. */
  readonly protect: boolean;
  /** No namespace may be of another mode than the server's. */
  readonly oneMode: boolean;
  readonly counts: ServerCounts;
  readonly disk: Disk;
  readonly directory: string;
  readonly startedAt: number;
  readonly instance: number;
  readonly now: () => number;
  readonly random: (n: number) => Uint8Array;
  readonly log: Logger;
  /** Resolves when another session of the namespace has run the command (null: any), or with null after `ms`. */
  watch(session: Session, command: string | null, ms: number): Promise<string | null>;
}

export type Answer =
  | { readonly kind: 'now'; readonly reply: Reply }
  /** Held back until what was written is durable; the next command need not wait for that. */
  | { readonly kind: 'durable'; readonly reply: Reply; readonly after: Promise<void>; readonly refused: Reply }
  /** The next command waits. */
  | { readonly kind: 'later'; readonly reply: Promise<Reply> }
  /** Larger than should be held at once: made piece by piece, as fast as the client takes it. */
  | { readonly kind: 'pieces'; readonly pieces: Iterable<Reply> }
  /** Answer and hang up. */
  | { readonly kind: 'end'; readonly reply: Reply };

export type Handler = (ground: Ground, session: Session, words: readonly Word[]) => Answer;

export const now = (reply: Reply): Answer => ({ kind: 'now', reply });
export const refuse = (text: string): Answer => now(failure(text));

export const unexpected = refuse('Unexpected arguments');
export const invalid = refuse('Invalid argument');
export const missing = refuse('Missing arguments');

/** 0-db's check of a command that takes exactly so many words, none of them empty. */
export function exactly(words: readonly Word[], count: number): Answer | null {
  if (words.length !== count) return unexpected;
  return words.some((word) => word.length === 0) ? invalid : null;
}

export function atLeast(words: readonly Word[], count: number): Answer | null {
  if (words.length < count) return missing;
  return words.some((word) => word.length === 0) ? invalid : null;
}

export function adminOnly(ground: Ground, session: Session): Answer | null {
  if (session.admin) return null;
  ground.counts.unauthorized++;
  return refuse('Permission denied');
}

export const frozen = refuse('Namespace is temporarily frozen (read-write disabled)');
export const locked = refuse('Namespace is temporarily locked (read-only)');
export const internal = refuse('Internal Error');

/** What `atoll` makes of the digits at the beginning; null where there are none. */
export function leadingNumber(text: string): number | null {
  const digits = /^\s*\d+/.exec(text)?.[0];
  if (digits === undefined) return null;
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : null;
}
