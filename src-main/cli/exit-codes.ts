import { isFail } from '#shared/rpc/fail.ts';
import { UsageError } from './usage.ts';

/** What the command tells the shell that ran it; listed in `hypha --help`. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notRunning: 3,
  locked: 4,
  consent: 5,
  cancelled: 6,
  leftOut: 7,
  /** 128 + SIGINT, as shells have it. */
  interrupted: 130,
} as const;

export const exitCodeWords: readonly [number, string][] = [
  [0, 'done'],
  [1, 'it failed; stderr says why'],
  [2, 'the command was typed wrong'],
  [3, 'no agent runs here, or the connection to it was lost'],
  [4, 'the agent is locked'],
  [5, 'a person had to allow it and did not'],
  [6, 'it was cancelled'],
  [7, 'done, but not all: files were left out (“skipped” lists them), or a page goes on'],
  [130, 'interrupted with Ctrl-C'],
];

const byFailure: Readonly<Record<string, number>> = {
  BAD_INPUT: exitCodes.usage,
  UNKNOWN_METHOD: exitCodes.usage,
  NOT_RUNNING: exitCodes.notRunning,
  DISCONNECTED: exitCodes.notRunning,
  VERSION_MISMATCH: exitCodes.notRunning,
  LOCKED: exitCodes.locked,
  CONSENT_NEEDED: exitCodes.consent,
  CONSENT_DENIED: exitCodes.consent,
  CONSENT_EXPIRED: exitCodes.consent,
  CANCELLED: exitCodes.cancelled,
};

export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return exitCodes.usage;
  return isFail(error) ? (byFailure[error.code] ?? exitCodes.failed) : exitCodes.failed;
}
