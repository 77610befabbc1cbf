import type { Session } from '../core.ts';
import { fullBelow } from '../places/inspect.ts';

/**
 * How many plain bytes may still come, about: what k+m places each can take of the smallest of them, where several places
 * of one device share its room. Nothing is counted on what compression and repetition save.
 */
export function roomFor(
  places: readonly { readonly device: string; readonly free: number }[],
  k: number,
  m: number,
  reserve: number = fullBelow,
): number {
  const perDevice = new Map<string, number>();
  for (const { device } of places) perDevice.set(device, (perDevice.get(device) ?? 0) + 1);
  const shares = places
    .map(({ device, free }) => Math.max(0, (free - reserve) / (perDevice.get(device) ?? 1)))
    .sort((a, b) => b - a);
  let best = 0;
  let sum = shares.reduce((all, one) => all + one, 0);
  // With the roomiest i places cut down to one height, the most that k+m different ones hold (as for RAID of unequal disks).
  for (let i = 0; i < k + m && i < shares.length; i++) {
    best = sum / (k + m - i);
    if (best >= (shares[i] ?? 0)) break;
    sum -= shares[i] ?? 0;
    best = 0;
  }
  if (shares.length < k + m) return 0;
  return Math.floor(best * k);
}

export function quotaOf({ engine, vault, tree }: Session): { used: number; available: number | null } {
  const places = engine.places.all().filter(({ health }) => health === 'ok' || health === 'full');
  const known = places.flatMap(({ device, free }) => (free === null ? [] : [{ device, free }]));
  const used = [...tree.root.values()].reduce((all, { size }) => all + size, 0);
  return { used, available: known.length < places.length ? null : roomFor(known, vault.k, vault.m) };
}
