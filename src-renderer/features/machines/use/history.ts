import type { Metrics } from '#shared/contract/machines.ts';

/** Five minutes of samples, one a second. */
export const keptSamples = 300;

/** Rates between two samples: bytes a second, and CPU as a share of the machine's CPUs. */
export interface UsePoint {
  readonly at: number;
  readonly cpu: number;
  /** Bytes of this computer's memory in use. */
  readonly memory: number;
  readonly diskRead: number;
  readonly diskWritten: number;
  readonly netReceived: number;
  readonly netSent: number;
}

/** Add a sample; a repeated one (the stream was opened anew) is left out, a restart of the counters begins anew. */
export function addSample(history: readonly Metrics[], sample: Metrics): readonly Metrics[] {
  const last = history.at(-1);
  if (last && sample.at <= last.at) return history;
  if (last && sample.cpuSeconds < last.cpuSeconds) return [sample];
  return [...history.slice(-(keptSamples - 1)), sample];
}

/** What the counters mean: differences over time. One point fewer than samples. */
export function pointsOf(history: readonly Metrics[]): UsePoint[] {
  return history.slice(1).flatMap((b, i) => {
    const a = history[i];
    if (!a) return [];
    const seconds = (b.at - a.at) / 1000;
    const rate = (from: number, to: number) => Math.max(0, to - from) / seconds;
    return [
      {
        at: b.at,
        cpu: b.cpu,
        memory: b.memory,
        diskRead: rate(a.diskRead, b.diskRead),
        diskWritten: rate(a.diskWritten, b.diskWritten),
        netReceived: rate(a.netReceived, b.netReceived),
        netSent: rate(a.netSent, b.netSent),
      },
    ];
  });
}
