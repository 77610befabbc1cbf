import type { Pairing } from '#shared/contract/pairing.ts';
import { useAgentMutation, useAgentQuery } from '../../../lib/agent/hooks.ts';

/** How adding a device goes, and what can be said to it. */
export function usePairing() {
  const { data } = useAgentQuery('pairing.status', {});
  const answer = useAgentMutation('pairing.answer');
  const cancel = useAgentMutation('pairing.cancel', { quiet: true });
  return {
    pairing: data ?? null,
    answering: answer.isPending,
    answer: (pairing: Pairing, equal: boolean, withKeys = false) =>
      answer.mutate({ code: pairing.code ?? '', equal, withKeys }),
    cancel: () => cancel.mutate({}),
  };
}
