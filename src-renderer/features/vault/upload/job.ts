import type { ItemId } from '#shared/model/ids.ts';
import type { Failure } from '#shared/rpc/fail.ts';

/** A file that can be read in pieces: a browser `File`, of which only the asked slice ever is in memory. */
export interface UploadBytes {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** One file to store: folders below the target and the name, last. `modified` is in milliseconds since 1970 UTC. */
export interface UploadSource {
  readonly path: readonly string[];
  readonly modified: number;
  readonly bytes: UploadBytes;
}

export type Target = ItemId | 'root';
export type Clash = 'both' | 'replace' | 'skip';

/**
 * `waiting` in the queue; `sending`; `held` until the agent is back or unlocked; `paused` by the person; `done`;
 * `skipped` because the name was taken and that was asked for; `failed`; `cancelled`.
 */
export type UploadState = 'waiting' | 'sending' | 'held' | 'paused' | 'done' | 'skipped' | 'failed' | 'cancelled';

export interface UploadJob {
  readonly id: number;
  readonly source: UploadSource;
  readonly into: Target;
  readonly clash: Clash;
  state: UploadState;
  /** Bytes that the agent has taken. */
  sent: number;
  failure: Failure | null;
  /** The stored file, once done. */
  item: ItemId | null;
  /** Tries after a passing failure (the agent was busy). */
  tries: number;
}

export const isEnded = (state: UploadState): boolean =>
  state === 'done' || state === 'skipped' || state === 'failed' || state === 'cancelled';
