/**
 * Left out on purpose, so that nothing is amiss: the vault's own data in a folder that is stored, and names that are taken
 * where the command said to skip those.
 */
const meant = new Set(['OWN_DATA', 'NAME_TAKEN']);

/** How many files a result says were left out though they were asked for. */
export function leftOut(result: unknown): number {
  const skipped = typeof result === 'object' && result !== null && 'skipped' in result ? result.skipped : null;
  if (!Array.isArray(skipped)) return 0;
  return skipped.filter((one: { code?: unknown }) => typeof one?.code !== 'string' || !meant.has(one.code)).length;
}
