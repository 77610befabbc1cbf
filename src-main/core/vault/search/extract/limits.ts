/** What is read of a file for the index, at most: enough for any book, little enough that no file keeps others waiting. */
export const limits = {
  /** Bytes of a text file from its beginning. */
  textBytes: 8 * 1024 * 1024,
  /** A document that has to be there as a whole (its list of parts is at its end). */
  documentBytes: 64 * 1024 * 1024,
  /** UTF-16 units of text that are taken out of any file. */
  textUnits: 8 * 1024 * 1024,
  /** Plain bytes of all parts of one document that are unpacked. */
  unpackedBytes: 64 * 1024 * 1024,
  /** Parts of a document that are looked at. */
  parts: 2000,
} as const;
