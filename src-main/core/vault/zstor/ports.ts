import type { NamespaceInfo } from '../remote/zdb/nsinfo.ts';
import type { Connection } from './metadata.ts';

/** One namespace of a 0-db. Connects by itself, also again; every call has a deadline. */
export interface ZdbNamespace {
  /** Under a new id. `sent` is called when the bytes are out of our hands. @returns the id */
  append(value: Uint8Array, sent?: () => void): Promise<Uint8Array>;
  set(key: string, value: Uint8Array): Promise<boolean>;
  get(key: Uint8Array | string): Promise<Uint8Array | null>;
  /** Bytes of a value. */
  length(key: Uint8Array | string): Promise<number | null>;
  del(key: Uint8Array | string): Promise<boolean>;
  info(): Promise<NamespaceInfo>;
  /** @returns null when there are no more */
  scan(
    cursor?: Uint8Array,
  ): Promise<{ readonly cursor: Uint8Array; readonly entries: readonly { readonly key: Uint8Array }[] } | null>;
  close(): Promise<void>;
}

export type DialZdb = (to: Connection) => ZdbNamespace;
