/**
 * Overwrite secrets with zeros. Best effort: the runtime may have moved or copied bytes before (strings cannot be wiped
 * at all, so secrets are kept as bytes wherever that is possible).
 */
export function wipe(...secrets: readonly (Uint8Array | null | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}
