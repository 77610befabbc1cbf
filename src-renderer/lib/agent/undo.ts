import { agentContract, type MethodName } from '#shared/contract/agent.ts';
import type { AgentLink } from './link.ts';

/**
 * The activity entry of a call just made, if it can be undone: the newest entry of this method, from this interface, whose
 * summary is that of this very call. The core says names where the call had ids, so where none has that summary it is the
 * one entry written since the call began; of two, nobody could tell. Null when there is none; an undo is then not offered.
 *
 * @param since when the call was made, milliseconds since 1970, on the clock of this computer, which is the agent's
 */
export async function findUndo(
  link: AgentLink,
  method: MethodName,
  input: unknown,
  since: number,
): Promise<number | null> {
  try {
    const spec = agentContract[method];
    const summary = (spec.summary as (input: unknown) => string)(spec.input.parse(input));
    const { entries } = await link.connection().client['activity.list']({ limit: 10 });
    const ours = entries.filter((e) => e.method === method && e.caller.face === 'ui');
    const recent = ours.filter((e) => e.at >= since);
    const entry = ours.find((e) => e.summary === summary) ?? (recent.length === 1 ? recent[0] : undefined);
    return entry?.undo.possible && entry.outcome === 'done' ? entry.seq : null;
  } catch {
    return null;
  }
}
