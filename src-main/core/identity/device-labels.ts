import type { DeviceId } from '#shared/model/ids.ts';
import { freeLabel, labelFor } from './contacts/petname.ts';

/** What stands before `.me` in host names of the person's own devices that were not revoked: no two the same. */
export function deviceLabels(
  devices: readonly { readonly id: DeviceId; readonly revokedAt: number | null }[],
  names: Readonly<Partial<Record<string, string>>>,
): ReadonlyMap<DeviceId, string> {
  const labels = new Map<DeviceId, string>();
  for (const { id, revokedAt } of devices) {
    if (revokedAt !== null) continue;
    labels.set(id, freeLabel(labelFor(names[id] ?? `device-${id.slice(0, 6)}`), new Set(labels.values())));
  }
  return labels;
}
