import type { Metrics } from '#shared/contract/machines.ts';

/** Bytes a second over the mesh between the last two samples; null until there are two of the same counters. */
export function meshRates(history: readonly Metrics[]): { received: number; sent: number } | null {
  const [before, last] = history.slice(-2);
  if (!before?.mesh || !last?.mesh || last.at <= before.at) return null;
  const seconds = (last.at - before.at) / 1000;
  const received = last.mesh.received.bytes - before.mesh.received.bytes;
  const sent = last.mesh.sent.bytes - before.mesh.sent.bytes;
  // The switch began to count anew.
  return received < 0 || sent < 0 ? null : { received: received / seconds, sent: sent / seconds };
}

/** What was not carried and why, the most frequent cause first. */
export const keptOut = (dropped: Readonly<Record<string, number>>): [cause: string, packets: number][] =>
  Object.entries(dropped)
    .filter(([, packets]) => packets > 0)
    .sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0]));
