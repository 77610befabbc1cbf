import type { Warning } from '#shared/contract/wallet/review.ts';
import type { Read } from '../reading/look.ts';
import type { Typed } from '../reading/typed.ts';

/** A permission that can be used longer than this is one for ever. */
const longSeconds = 366n * 86_400n;

export const isPermit = ({ known }: Read): boolean =>
  known !== null && ['erc2612', 'dai-permit', 'permit2'].includes(known.id);

/** About where a signature counts, and how long. @param now seconds since 1970 */
export function aboutTyped(typed: Typed, read: Read, chainId: bigint, now: bigint): Warning[] {
  const warnings: Warning[] = [];
  const { domain } = typed;
  if (domain.chainId === undefined) {
    warnings.push({
      code: 'ANY_CHAIN',
      severity: 'caution',
      text: 'It names no chain: whoever has the signature can use it on every chain where the same contract lies.',
    });
  } else if (domain.chainId !== chainId) {
    warnings.push({
      code: 'OTHER_CHAIN',
      severity: 'danger',
      text: `It counts on the chain ${domain.chainId}, not on the one that you look at.`,
    });
  }
  if (domain.verifyingContract === undefined) {
    warnings.push({
      code: 'UNKNOWN_SIGNER',
      severity: 'caution',
      text: 'It names no contract that it is for: anybody who accepts such signatures may use it.',
    });
  }
  if (!isPermit(read)) return warnings;
  warnings.push({
    code: 'PERMIT',
    severity: 'caution',
    text: 'The signature alone is enough to take your tokens: nothing has to be sent by you, and it cannot be called back.',
  });
  const until = deadlineOf(read.known?.values ?? {});
  if (until === null || until - now > longSeconds) {
    warnings.push({
      code: 'NO_EXPIRY',
      severity: 'caution',
      text: 'The permission does not run out within a year.',
    });
  }
  return warnings;
}

/** Until when it can be used; null where it does not say, or says never (ERC-2612 has no never, Permit of DAI has 0). */
function deadlineOf(values: Readonly<Record<string, unknown>>): bigint | null {
  const said = values.deadline ?? values.sigDeadline ?? values.expiry;
  if (typeof said !== 'string' && typeof said !== 'number' && typeof said !== 'bigint') return null;
  const until = BigInt(said);
  return values.expiry !== undefined && until === 0n ? null : until;
}
