import type { PlaceIdentity } from '../format/place-identity.ts';
import type { ShardStore } from '../ports.ts';
import type { Inspection } from './inspect.ts';

/**
 * One place as the vault uses it, of whatever kind: a directory, a 0-db or Redis server, an S3 bucket, SFTP, a contact's Hypha. Everything
 * that crosses a network has a deadline of its own and ends with an error, never hangs; a connection that broke is opened
 * again by the next call.
 */
export interface PlaceBackend {
  /** What is there right now. Never throws: what cannot be reached is `silent`, what refuses us `unreadable`. */
  inspect(): Promise<Inspection>;
  /** It bears the mark of this very place now. @returns false for anything else, also when it cannot be reached */
  isMarked(vault: string, place: string): Promise<boolean>;
  /**
   * Write the identity where there is none, durable when this resolves. A mark that is there is never replaced, also not by
   * two who claim at once. @returns false when another mark is there
   */
  claim(identity: PlaceIdentity): Promise<boolean>;
  /** Remove the mark, if it is the one of this place: the last step of leaving it. */
  unclaim(vault: string, place: string): Promise<void>;
  readonly store: ShardStore;
  /** Why the last call did not work, in words for a person; null when it did. */
  reason?(): { readonly text: string; readonly next: string } | null;
  /** That it will not be there for ever, as its keeper told us when it was looked at; null when nobody said so. */
  notice?(): { readonly text: string; readonly next: string } | null;
  /** End connections. What is under way fails. */
  close(): Promise<void>;
}
