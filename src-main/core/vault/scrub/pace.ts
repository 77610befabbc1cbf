import type { UpkeepSettings } from './settings.ts';

const dayMs = 24 * 60 * 60_000;
const MiB = 1024 * 1024;

/** Slower than this is not worth it: a small vault is read in a day, and then rests. Bytes a second. */
const leastLocal = 64 * 1024;
const leastServer = 2 * 1024;
/** A disk is there for the person first. */
const mostLocal = 8 * MiB;
/** How much longer a pass over a server may take. */
const serverFactor = 3;
/** Of the period, so much is planned with: what is away for a while is caught up. */
const planned = 0.75;
/** What a place is read at that was found to have lost something, against its bound. */
const hurryFactor = 4;

export interface Pass {
  readonly server: boolean;
  /** When it began, ms. */
  readonly started: number;
  readonly total: number;
  readonly done: number;
  /** Something was found to be lost there: all of it is read soon. */
  readonly hurry: boolean;
}

/** How long one pass over a place is to take, ms; the next begins when that is over. */
export const passMs = (server: boolean, { days }: Pick<UpkeepSettings, 'days'>): number =>
  days * dayMs * planned * (server ? serverFactor : 1);

/**
 * Bytes a second at which a place is read now: so that the pass ends in time, also after days in which the computer was off, within
 * what is bounded. A clock that is wrong makes it fast or slow for a while, never more than the bounds.
 */
export function rate(pass: Pass, settings: UpkeepSettings, now: number): number {
  const { server, started, total, done, hurry } = pass;
  const bound = server ? (settings.serverDailyMiB * MiB) / (dayMs / 1000) : mostLocal;
  if (hurry) return server ? bound * hurryFactor : bound;
  const length = passMs(server, settings);
  // When the time is over what is left is read in a few hours of work: some computers are on for two hours a day.
  const left = Math.min(length, Math.max(started + length - now, length / 400));
  const needed = Math.max(0, total - done) / (left / 1000);
  return Math.min(bound, Math.max(server ? leastServer : leastLocal, needed));
}

/** Waits longer each time, six hours at most. @param tries that failed, from 1 on */
export const backOffMs = (tries: number): number => Math.min(longestBackOff, 60_000 * 2 ** Math.min(tries - 1, 20));
export const longestBackOff = 6 * 60 * 60_000;
