import { machineNameSchema, machineSpecSchema } from '#shared/contract/machines.ts';
import { machineIdSchema } from '#shared/model/ids.ts';
import { fail } from '#shared/rpc/fail.ts';
import { type MachineRecord, neverStarted } from './record.ts';

/** What a directory name of a machine looks like; anything else in there is not ours. */
export const machineDirectory = /^[a-z2-7]{12}$/;

/**
 * A stand-in for a record that cannot be read, so that the machine is listed, with its cause, and can be deleted. It is never written:
 * vm.json stays as it was found. What can still be read of the specification is shown.
 */
export function damagedRecord(id: string, text: string | null, dir: string): MachineRecord {
  const spec = salvage(text);
  const newer = text !== null && /"format"\s*:\s*"hypha-machine\/(?!1")/.test(text);
  const lost = text === null ? 'Its record (vm.json) is missing.' : 'Its record (vm.json) is damaged.';
  const cause = newer
    ? 'It was made by a newer Hypha, whose records this one cannot read. Install the newer Hypha again, or delete it.'
    : `${lost} Its disk is untouched in ${dir}: put the record back from a backup and start Hypha again, or delete it.`;
  return {
    format: 'hypha-machine/1',
    id: machineIdSchema.parse(id),
    // Not asked for: no process is ever taken for this machine by it.
    uuid: '00000000-0000-4000-8000-000000000000',
    spec: spec ?? machineSpecSchema.parse({ name: `damaged-${id}`, image: 'unknown' }),
    state: 'failed',
    detail: cause,
    wanted: 'stopped',
    ...neverStarted(),
    createdAt: 0,
    user: 'root',
  };
}

function salvage(text: string | null): MachineRecord['spec'] | null {
  try {
    const value = JSON.parse(text ?? '') as { spec?: { name?: unknown; image?: unknown } };
    const whole = machineSpecSchema.safeParse(value.spec);
    if (whole.success) return whole.data;
    const part = machineSpecSchema.safeParse({
      name: machineNameSchema.parse(value.spec?.name),
      image: value.spec?.image ?? 'unknown',
    });
    return part.data ?? null;
  } catch {
    return null;
  }
}

export const isDamaged = (record: MachineRecord) =>
  fail('WRONG_STATE', `The machine ${record.spec.name} cannot be used. ${record.detail}`, {
    meaning: 'Its disk is untouched.',
    next: 'Put its vm.json back from a backup and start Hypha again, or delete it.',
  });
