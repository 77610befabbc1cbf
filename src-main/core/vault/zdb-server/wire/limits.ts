/** Bounds of 0-db's protocol (quantum-safe-storage specification, 1.3 and 1.6), and ours where it has none. */
export const limits = {
  /** Words of one request. */
  words: 1024,
  /** Bytes of one word, which is also the largest value. */
  word: 8 * 1024 * 1024,
  /**
   * Bytes of one whole request. 0-db knows no such bound, so that 1,024 words of 8 MiB could be sent it; nothing it
   * understands is larger than one value and some keys.
   */
  request: 9 * 1024 * 1024,
  /** Bytes of a key. */
  key: 255,
  /** Bytes of a namespace's name. */
  name: 128,
  /** Bytes of what NSSET sets. */
  setting: 63,
} as const;
