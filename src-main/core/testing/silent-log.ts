import type { Logger } from '#core/host.ts';

/** A logger that says nothing. */
export const silentLog: Logger = { debug() {}, info() {}, warn() {}, error() {} };
