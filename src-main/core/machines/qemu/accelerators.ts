import type { z } from 'zod';
import type { acceleratorSchema } from '#shared/contract/machines.ts';

export type Accelerator = z.infer<typeof acceleratorSchema>;

/** Accelerators worth trying on a system, best first. */
export function acceleratorsOf(platform: NodeJS.Platform): Accelerator[] {
  if (platform === 'linux') return ['kvm'];
  if (platform === 'darwin') return ['hvf'];
  if (platform === 'win32') return ['whpx'];
  return [];
}
