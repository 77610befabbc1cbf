import type { MachineRecord } from './record.ts';

/**
 * What becomes of a record whose machine turns out not to run when the agent starts; null when nothing does. Pure: the table of
 * docs/formats/machine-dir.md.
 */
export function afterEnd(record: MachineRecord, bootId: string): Partial<MachineRecord> | null {
  const rebooted = record.process !== null && record.process.bootId !== bootId;
  const gone = { process: null, ready: false };
  switch (record.state) {
    case 'preparing':
      return {
        ...gone,
        state: 'failed',
        detail: 'Hypha stopped while preparing it. Start it to try again, or delete it.',
      };
    case 'starting':
      return { ...gone, state: 'failed', detail: 'Hypha stopped while starting it. Start it again, or delete it.' };
    case 'stopping':
      return { ...gone, state: 'stopped', detail: '' };
    case 'running':
    case 'paused':
      return rebooted
        ? { ...gone, state: 'stopped', detail: 'This computer was restarted.' }
        : {
            ...gone,
            state: 'crashed',
            detail: 'It ended while Hypha was not running. Start it again to go on.',
          };
    default:
      return record.process === null ? null : gone;
  }
}
