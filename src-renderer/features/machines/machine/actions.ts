import type { MachineState } from '#shared/contract/machines.ts';
import type { Tone } from '../../../ui/state.tsx';

export type MachineAction = 'start' | 'stop' | 'forceOff' | 'pause' | 'resume';

const offered: Readonly<Record<MachineState, readonly MachineAction[]>> = {
  preparing: [],
  starting: ['forceOff'],
  running: ['stop', 'pause', 'forceOff'],
  paused: ['resume', 'forceOff'],
  stopping: ['forceOff'],
  stopped: ['start'],
  crashed: ['start'],
  failed: ['start'],
};

/** What can be done in a state, the likely one first. */
export const actionsIn = (state: MachineState): readonly MachineAction[] => offered[state];

const tones: Readonly<Record<MachineState, Tone>> = {
  preparing: 'waiting',
  starting: 'waiting',
  running: 'active',
  paused: 'paused',
  stopping: 'waiting',
  stopped: 'idle',
  crashed: 'failed',
  failed: 'failed',
};

export const toneOf = (state: MachineState): Tone => tones[state];

/** The machine has a process, so its console moves and its use can be measured. */
export const isAlive = (state: MachineState): boolean =>
  state === 'starting' || state === 'running' || state === 'paused' || state === 'stopping';
