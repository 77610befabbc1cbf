import type { MachineState } from '#shared/contract/machines.ts';

export interface HostSize {
  readonly cpus: number;
  readonly memoryMiB: number;
}

/**
 * CPUs are shared in time, so running machines may together have this many times what this computer has; memory is not shared.
 */
const cpuShare = 4;

/** Memory left to the person's own programs: a tenth, at least 1 GiB (a quarter on a small computer). */
export function reserveMiB(memoryMiB: number): number {
  return Math.min(Math.ceil(memoryMiB / 4), Math.max(1_024, Math.ceil(memoryMiB / 10)));
}

export interface Refusal {
  readonly field: 'cpus' | 'memoryMiB';
  readonly text: string;
  readonly next: string;
}

/** What a machine, or a deploy under way, takes from this computer. */
export interface Held {
  readonly name: string;
  /** Not at rest. */
  readonly busy: boolean;
  readonly cpus: number;
  readonly memoryMiB: number;
}

export const busyStates: ReadonlySet<MachineState> = new Set([
  'preparing',
  'starting',
  'running',
  'paused',
  'stopping',
]);

/** Whether this computer can carry one machine more. Every machine that is not at rest counts. */
export function admit(
  host: HostSize,
  others: readonly Held[],
  wanted: { readonly cpus: number; readonly memoryMiB: number },
): Refusal[] {
  const busy = others.filter((o) => o.busy);
  const memory = busy.reduce((sum, o) => sum + o.memoryMiB, 0);
  const cpus = busy.reduce((sum, o) => sum + o.cpus, 0);
  const refusals: Refusal[] = [];
  const free = Math.max(0, host.memoryMiB - reserveMiB(host.memoryMiB) - memory);
  if (wanted.memoryMiB > free) {
    refusals.push({
      field: 'memoryMiB',
      text: `It would need ${wanted.memoryMiB} MiB of memory; ${free} MiB can be given to machines now.`,
      next: busy.length > 0 ? 'Choose less memory, or stop another machine.' : 'Choose less memory.',
    });
  }
  if (wanted.cpus > host.cpus || cpus + wanted.cpus > host.cpus * cpuShare) {
    refusals.push({
      field: 'cpus',
      text:
        wanted.cpus > host.cpus
          ? `It would have ${wanted.cpus} CPUs; this computer has ${host.cpus}.`
          : `Running machines already have ${cpus} CPUs; this computer has ${host.cpus}.`,
      next: wanted.cpus > host.cpus ? `Choose at most ${host.cpus}.` : 'Stop another machine.',
    });
  }
  return refusals;
}
