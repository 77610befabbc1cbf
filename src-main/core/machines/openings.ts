import { fail } from '#shared/rpc/fail.ts';

const mostOpenings = 64;

/**
 * A machine's firewall after a change. An opening that is there already is not added again. Pure.
 * @throws Fail NOT_FOUND for one to close that is not there, BAD_INPUT for too many
 */
export function changeOpenings(now: readonly string[], open: readonly string[], close: readonly string[]): string[] {
  const missing = close.find((rule) => !now.includes(rule));
  if (missing !== undefined) {
    throw fail('NOT_FOUND', `This machine’s firewall has no opening "${missing}".`, {
      meaning: 'Nothing was changed.',
      next: 'Look at its openings; name one as it is listed.',
    });
  }
  const after = [...new Set([...now.filter((rule) => !close.includes(rule)), ...open])];
  if (after.length > mostOpenings) {
    throw fail('BAD_INPUT', `A machine’s firewall has at most ${mostOpenings} openings.`, {
      meaning: 'Nothing was changed.',
      next: 'Close one first, or open a range of ports.',
    });
  }
  return after;
}
