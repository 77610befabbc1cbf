import type { ContentId } from '../ports.ts';
import { compareStamps, type Stamp } from './stamp.ts';

/** Of a file or folder, the same on every device: 16 bytes as base64url. */
export type EntryId = string;
/** Of one replica in one life: a vault that was put back from a copy goes on as another. 16 bytes as base64url. */
export type Author = string;

/** Up to which number the writes of each author were seen; by author, ascending. */
export type Context = readonly (readonly [author: Author, seq: number])[];

/** One write. It never changes; its author and number name it. */
interface Write {
  readonly author: Author;
  /** Counts the writes of the author, from 1. */
  readonly seq: number;
  readonly at: Stamp;
}
/** Who writes under the id of the author. */
export interface AuthorRecord extends Write {
  readonly kind: 'author';
  readonly device: string;
  readonly name: string;
}
/** Where an entry lies. Of several the last one counts. */
export interface PlaceRecord extends Write {
  readonly kind: 'place';
  readonly entry: EntryId;
  /** Null: at the top. */
  readonly parent: EntryId | null;
  readonly type: 'file' | 'folder';
  readonly name: string;
}
/** The bytes of a file. Those count that no other was written in knowledge of. */
export interface ContentRecord extends Write {
  readonly kind: 'content';
  readonly entry: EntryId;
  readonly content: ContentId;
  readonly size: number;
  readonly modified: number;
  /** Contents of the entry that its author had before them. */
  readonly past: Context;
}
/** Whether an entry is there, in the bin, or deleted. Of several the last counts; a content that is not in `seen` counts more. */
export interface StateRecord extends Write {
  readonly kind: 'state';
  readonly entry: EntryId;
  readonly state: 'here' | 'binned' | 'gone';
  readonly seen: Context;
}
export type EntryRecord = PlaceRecord | ContentRecord | StateRecord;
export type DeviceRecord = AuthorRecord | EntryRecord;

/** A total order of writes, the same on every device: by stamp, and where these are equal by name. */
export function compareWrites(a: Write, b: Write): number {
  return compareStamps(a.at, b.at) || compareText(a.author, b.author) || a.seq - b.seq;
}
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const isIn = (context: Context, { author, seq }: Pick<Write, 'author' | 'seq'>): boolean =>
  context.some(([one, upTo]) => one === author && upTo >= seq);

/** What was seen by either. */
export function joinContexts(...contexts: readonly Context[]): Context {
  const out = new Map<Author, number>();
  for (const context of contexts) {
    for (const [author, seq] of context) out.set(author, Math.max(seq, out.get(author) ?? 0));
  }
  return [...out].sort(([a], [b]) => compareText(a, b));
}
/** All of these writes, and what they knew. */
export const contextOf = (contents: readonly ContentRecord[]): Context =>
  joinContexts(...contents.map(({ past, author, seq }): Context => [...past, [author, seq]]));
