/** A piece of the file; null at its end. */
export type ToWorker = Uint8Array | null;
export type FromWorker =
  /** The next piece may come. */
  { readonly kind: 'more' } | { readonly kind: 'sealed'; readonly bytes: Uint8Array } | { readonly kind: 'done' };
