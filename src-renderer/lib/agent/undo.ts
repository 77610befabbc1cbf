import { agentContract, type MethodName } from '#shared/contract/agent.ts';
import type { AgentLink } from './link.ts';

/**
 * The activity entry of a call just made, if it can be undone: the newest entry of this method, from this interface,
 * whose summary is that of this very call. Null when there is none; an undo is then simply not offered.
 */
export async function findUndo(link: AgentLink, method: MethodName, input: unknown): Promise<number | null> {
  try {
    const spec = agentContract[method];
    const summary = (spec.summary as (input: unknown) => string)(spec.input.parse(input));
    const { entries } = await link.connection().client['activity.list']({ limit: 10 });
    const entry = entries.find((e) => e.method === method && e.caller.face === 'ui' && e.summary === summary);
    return entry?.undo.possible && entry.outcome === 'done' ? entry.seq : null;
  } catch {
    return null;
  }
}
