import type { Host } from '#core/host.ts';
import type { Metrics } from '#shared/contract/machines.ts';
import { pause } from './images/download.ts';
import type { Machine } from './machine.ts';
import { pollGuestMemory, sample } from './metrics.ts';

/** Samples of one machine, taken each second while somebody watches, by one sampler for all watchers. */
export interface MetricsHub {
  /** The newest sample; null when the machine does not run or nobody has watched it yet. */
  latest(): Metrics | null;
  watch(signal: AbortSignal): AsyncIterable<Metrics>;
}

const everyMs = 1_000;

export function createMetricsHub(machine: Machine, host: Host): MetricsHub {
  let newest: Metrics | null = null;
  let of: unknown = null;
  let sampling = false;
  const watchers = new Set<(metrics: Metrics) => void>();

  async function run(): Promise<void> {
    while (watchers.size > 0) {
      const { live } = machine;
      if (live === null) {
        newest = null;
      } else {
        if (of !== live) {
          of = live;
          newest = null;
          await pollGuestMemory(live.qmp, 1);
        }
        const { qmp, link } = live;
        const mesh = (await link.mesh?.traffic().catch(() => null)) ?? null;
        const from = { pid: live.process.pid, cpus: live.size.cpus, qmp, network: link.counters(), mesh };
        newest = await sample(from, host, newest);
        if (newest !== null) for (const tell of [...watchers]) tell(newest);
      }
      await pause(host, everyMs);
    }
    if (machine.live !== null && of === machine.live) await pollGuestMemory(machine.live.qmp, 0);
    of = null;
  }

  function begin(): void {
    if (sampling) return;
    sampling = true;
    void run().finally(() => {
      sampling = false;
      // Somebody came while the last one's sampler was winding up.
      if (watchers.size > 0) begin();
    });
  }

  return {
    latest: () => (machine.live === null ? null : newest),
    async *watch(signal) {
      let next = Promise.withResolvers<Metrics | null>();
      const tell = (metrics: Metrics): void => next.resolve(metrics);
      const abort = (): void => next.resolve(null);
      watchers.add(tell);
      signal.addEventListener('abort', abort);
      try {
        begin();
        while (!signal.aborted) {
          const metrics = await next.promise;
          next = Promise.withResolvers();
          if (metrics === null) return;
          yield metrics;
        }
      } finally {
        watchers.delete(tell);
        signal.removeEventListener('abort', abort);
      }
    },
  };
}
