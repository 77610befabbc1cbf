import { createKernel, type Kernel, scratchBytes } from '../erasure/kernel.ts';

/** Regions of one memory for the erasure kernel, `count` of them with at least `bytes` each. */
export interface KernelRoom {
  readonly kernel: Kernel;
  /** Addresses of the regions. */
  readonly at: readonly number[];
  /** The first `length` bytes of a region. */
  view(region: number, length: number): Uint8Array;
}

const page = 65_536;

export function createKernelRoom(count: number, bytes: number): KernelRoom {
  const scratch = page;
  const first = scratch + Math.ceil(scratchBytes / page) * page;
  const stride = roundUp(bytes);
  const pages = Math.ceil((first + count * stride) / page);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const at = Array.from({ length: count }, (_, i) => first + i * stride);
  const all = new Uint8Array(memory.buffer);
  return {
    kernel: createKernel(memory, scratch),
    at,
    view: (region, length) => all.subarray(at[region] ?? 0, (at[region] ?? 0) + length),
  };
}

/** The kernel works on 32 bytes at a time; what lies past the end of a shard is nobody's. */
export const roundUp = (bytes: number): number => Math.ceil(bytes / 32) * 32;
