import { type Fail, fail, isFail } from '#shared/rpc/fail.ts';
import type { Host, Logger } from '../host.ts';

/**
 * Turn whatever was thrown into a Fail. Expected failures pass; a full disk gets its own words; anything else becomes
 * INTERNAL with an incident id, and only the log has the details.
 */
export function createFault({ host, log }: { host: Host; log: Logger }): (error: unknown) => Fail {
  return (error) => {
    if (isFail(error)) return error;
    const code = (error as { code?: unknown } | null)?.code;
    const sqlite = (error as { errcode?: unknown } | null)?.errcode;
    // 13 is SQLITE_FULL
    if (code === 'ENOSPC' || code === 'EDQUOT' || sqlite === 13) {
      return fail('DISK_FULL', 'The disk is full.', {
        meaning: 'This was not done; what was stored before is not affected.',
        next: 'Free some space and try again.',
      });
    }
    const incident = Buffer.from(host.random(6)).toString('hex');
    log.error(
      { incident, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      'unexpected error',
    );
    return fail('INTERNAL', 'Something went wrong inside Hypha.', {
      meaning: 'It may or may not have been done; nothing is shown that is not there.',
      next: `Try again. If it stays, look for ${incident} in the diagnostics report.`,
      data: { incident },
    });
  };
}
