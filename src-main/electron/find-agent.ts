import { fail, isFail } from '#shared/rpc/fail.ts';
import type { AgentLink } from './agent-link.ts';

/** How the shell comes by an agent; each resolves with null where it cannot be had this way. */
export interface AgentSources {
  /** Use one that already runs here. */
  attach(): Promise<AgentLink | null>;
  /** Start one of our own; null when another process owns the data directory. */
  own(): Promise<AgentLink | null>;
}

/**
 * The agent of this data directory: the one that runs, or else our own.
 *
 * @throws Fail VERSION_MISMATCH and others as a running agent says; NO_AGENT when one owns the directory and is silent.
 */
export async function findAgent({ attach, own }: AgentSources): Promise<AgentLink> {
  // Two that start at once: who loses the data directory to the other attaches to it.
  const link = (await attach()) ?? (await own()) ?? (await attach());
  if (link !== null) return link;
  throw fail('NO_AGENT', 'Another process owns the data directory, and it does not answer.', {
    next: 'Wait until it has ended, or end it, and open Hypha again.',
  });
}

const looks = 10;
const lookEveryMs = 1000;

/**
 * Another one after the agent that we were attached to has ended: whoever ended it may be starting it again, so its
 * successor gets ten seconds before the app runs an agent of its own.
 *
 * @returns null when `quitting` says so.
 */
export async function findSuccessor(
  sources: AgentSources,
  { quitting, rest }: { quitting(): boolean; rest(ms: number): Promise<unknown> },
): Promise<AgentLink | null> {
  for (let look = 0; look < looks; look += 1) {
    if (quitting()) return null;
    const link = await sources.attach();
    if (link !== null) return link;
    await rest(lookEveryMs);
  }
  return quitting() ? null : findAgent(sources);
}

/** Whether a failed attempt to attach means that there is nobody to attach to; anything else the person must read. */
export const isNobody = (error: unknown): boolean => isFail(error, 'NOT_RUNNING') || isFail(error, 'DISCONNECTED');

/** What happened, what it means and what to do, for a box that shows text alone. */
export function inWords(error: unknown): string {
  if (!isFail(error)) return String(error);
  return [error.message, error.meaning, error.next].filter(Boolean).join('\n\n');
}
