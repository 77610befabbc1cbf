import type { SearchMatch, VaultItem } from '#shared/contract/vault.ts';

/** A row of a listing; a search result also says where it lies and why it was found. */
export type Row = VaultItem & { readonly path?: string; readonly match?: SearchMatch };

/** Rows of a list that may be longer than what is in memory. */
export interface Rows {
  readonly count: number;
  /** Null while the row is not loaded. */
  at(index: number): Row | null;
  /** These rows are in sight: load what is missing of them. */
  show(first: number, last: number): void;
  /** Every row, loaded as needed: for selecting all. */
  all(): Promise<readonly Row[]>;
}
