import type { LucideIcon } from 'lucide-react';
import { Pause, Play, Power, PowerOff, StepForward } from 'lucide-react';
import type { Machine } from '#shared/contract/machines.ts';
import { useAgentMutation } from '../../../lib/agent/hooks.ts';
import { type MessageKey, useT } from '../../../lib/i18n.ts';
import type { MachineAction } from './actions.ts';
import { calledBy } from './address.ts';

export const actionLooks: Readonly<Record<MachineAction, { icon: LucideIcon; word: MessageKey }>> = {
  start: { icon: Play, word: 'machines.action.start' },
  stop: { icon: Power, word: 'machines.action.stop' },
  forceOff: { icon: PowerOff, word: 'machines.action.forceOff' },
  pause: { icon: Pause, word: 'machines.action.pause' },
  resume: { icon: StepForward, word: 'machines.action.resume' },
};

/** Start, stop and the like, for one machine. Switching off is asked first by who calls it. */
export function useMachineActions(machine: Pick<Machine, 'id' | 'spec'>) {
  const t = useT();
  const input = { machine: calledBy(machine) };
  const { name } = machine.spec;
  const start = useAgentMutation('machines.start');
  const stop = useAgentMutation('machines.stop');
  const pause = useAgentMutation('machines.pause', { done: () => t('machines.paused', { name }) });
  const resume = useAgentMutation('machines.resume', { done: () => t('machines.resumed', { name }) });
  return {
    busy: start.isPending || stop.isPending || pause.isPending || resume.isPending,
    run(action: MachineAction): Promise<unknown> {
      if (action === 'start') return start.mutateAsync(input);
      if (action === 'stop') return stop.mutateAsync(input);
      if (action === 'forceOff') return stop.mutateAsync({ ...input, force: true });
      if (action === 'pause') return pause.mutateAsync(input);
      return resume.mutateAsync(input);
    },
  };
}
