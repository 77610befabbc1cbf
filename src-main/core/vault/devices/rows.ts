import type { Author, Context, DeviceRecord, EntryId } from './model/records.ts';
import type { Stamp } from './model/stamp.ts';
import type { Agreed } from './plan/agreed.ts';
import type { ContentId } from './ports.ts';

/** What a replica knows of itself. */
export interface Meta {
  readonly author: Author;
  readonly vector: Context;
  readonly clock: Stamp;
  /** Up to which number others were known to have our writes, when nothing spoke of a vault that was put back. */
  readonly confirmed: number;
}
/** The content of a file of the vault: it never changes under one id. */
export interface Reading {
  readonly item: string;
  readonly content: ContentId;
}
/** An item that is being made for an entry: when it is there, it stands for that. */
export interface Intent {
  readonly item: string;
  readonly entry: EntryId;
  readonly content: ContentId | null;
  readonly seen: Context;
}

export interface Loaded {
  readonly meta: Meta | null;
  /** In the order of their numbers. */
  readonly records: readonly (readonly [number: number, record: DeviceRecord])[];
  readonly agreed: readonly Agreed[];
  readonly readings: readonly Reading[];
  readonly intents: readonly Intent[];
}

/** What is durable. All but the first are called in a transaction only. */
export interface Rows {
  /** All of it is durable when this returns, or none. */
  transaction<T>(work: () => T): T;
  putMeta(meta: Meta): void;
  putRecord(number: number, record: DeviceRecord): void;
  dropRecord(number: number): void;
  putAgreed(agreed: Agreed): void;
  dropAgreed(entry: EntryId): void;
  putReading(reading: Reading): void;
  dropReading(item: string): void;
  putIntent(intent: Intent): void;
  dropIntent(item: string): void;
}
