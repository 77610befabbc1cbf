import type { Place, VaultStatus } from '#shared/contract/vault.ts';

export type WhatIfPlace = Pick<Place, 'id' | 'device' | 'health'>;
export type WhatIfStatus = Pick<VaultStatus, 'profile' | 'survivesPlaces' | 'survivesDevices' | 'damaged' | 'files'>;

/**
 * What can be said when some places are imagined gone. `all`: every file that reads now still reads. `some`: that
 * is not promised for every file. `none`: no file reads, because fewer places are left than shards are needed.
 */
export interface WhatIf {
  readonly reads: 'all' | 'some' | 'none';
  /** Of the imagined places, those that hold anything now. */
  readonly gone: number;
  /** Healthy places that would be left. */
  readonly left: number;
  /** Whole devices among those gone. */
  readonly devicesGone: number;
  /** How many places more could then be lost with every file still readable; 0 when not `all`. */
  readonly spare: number;
}

/** A place that still gives its shards: one that is full or cannot be written reads as well as any; one that waits for unlocking holds them. */
export const givesShards = (place: Pick<Place, 'health'>): boolean =>
  place.health === 'ok' ||
  place.health === 'full' ||
  place.health === 'readonly' ||
  place.health === 'leaving' ||
  place.health === 'locked';

/**
 * Imagine places gone. Everything rests on what the core counted over the shards themselves (`survivesPlaces`,
 * `survivesDevices`); nothing is guessed: between what is sure to read and what is sure not to, the answer is `some`.
 */
export function whatIf(places: readonly WhatIfPlace[], status: WhatIfStatus, away: ReadonlySet<string>): WhatIf {
  const present = places.filter(givesShards);
  const gone = present.filter((place) => away.has(place.id));
  const left = present.length - gone.length;
  const devices = new Set(gone.map((place) => place.device));
  const isWhole = (device: string) => present.every((p) => p.device !== device || away.has(p.id));
  const devicesGone = [...devices].filter(isWhole).length;
  const byDevice = devicesGone === devices.size && devicesGone <= status.survivesDevices;
  const sure = gone.length === 0 || gone.length <= status.survivesPlaces || byDevice;
  // A stripe has at most one shard a place when there are at least k + m places; with fewer left than k none can be read.
  const spread = present.length >= status.profile.k + status.profile.m;
  const reads = sure ? 'all' : left === 0 || (spread && left < status.profile.k) ? 'none' : 'some';
  return {
    reads,
    gone: gone.length,
    left,
    devicesGone,
    spare: reads === 'all' ? Math.max(0, status.survivesPlaces - gone.length) : 0,
  };
}
