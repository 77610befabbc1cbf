import type { Machine } from '#shared/contract/machines.ts';
import type { MeshStatus } from '#shared/contract/mesh/index.ts';

/**
 * Where a machine stands with the mesh. `here`: it has an address there now; `nextStart`, `atStart`: it gets one when it is started again, or
 * at all; `off`, `starting`, `failed`: so is this device's own node; `without`: it was started without a card for the mesh and gets none.
 */
export type Place = 'here' | 'nextStart' | 'atStart' | 'off' | 'starting' | 'failed' | 'without';

export function placeOf(
  { mesh, waiting, running }: Pick<Machine, 'mesh' | 'waiting' | 'running'>,
  node: MeshStatus['state'],
): Place {
  // The node first: what the machine was told last may be older than that.
  if (node === 'off' || node === 'no-identity') return 'off';
  if (node !== 'on') return node;
  if (mesh !== null) return 'here';
  if (waiting.includes('mesh')) return 'nextStart';
  return running === null ? 'atStart' : 'without';
}
