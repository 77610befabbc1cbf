import type { AnyMethod } from '#shared/rpc/contract.ts';
import { type Fail, fail } from '#shared/rpc/fail.ts';
import type { Caller } from './handlers.ts';

/** How a call is allowed: by the person’s own hand, by what its face is granted, or only after asking a person. */
export type Verdict = 'person' | 'grant' | 'ask';

/**
 * Decide what a caller may do, from its face and the method’s effect alone.
 *
 * A person’s own connection acts by the person’s hand. The command line may read and write by itself; whatever shares,
 * spends, deploys, deletes or changes policy is asked. Assistant and MCP clients may only read unasked. The hosting
 * shell reads. Peers get nothing until hosting and sharing say what.
 *
 * Of a method that takes secrets besides other things, those faces may give only the others.
 *
 * @throws Fail FORBIDDEN with the contract’s reason.
 */
export function decide(caller: Caller, name: string, spec: AnyMethod, input?: unknown): Verdict {
  // A person at a terminal prompt is as good as one at the window.
  const withheld = spec.withheld?.[caller.person ? 'ui' : caller.face];
  if (withheld !== undefined) throw forbidden(name, withheld);
  if (caller.person) return 'person';
  if (caller.face === 'assistant' || caller.face === 'mcp') refuseSecrets(name, spec, input);
  switch (caller.face) {
    case 'ui':
      // The interface always acts for a person; a `ui` connection that is not a person's is a mistake of the shell.
      throw forbidden(name, 'This connection was not opened for a person.');
    case 'cli':
      return spec.effect === 'read' || spec.effect === 'write' ? 'grant' : 'ask';
    case 'assistant':
    case 'mcp':
      return spec.effect === 'read' ? 'grant' : 'ask';
    case 'shell':
      // Locking only takes rights away; the tray offers it.
      if (spec.effect === 'read' || name === 'system.stop' || name === 'identity.lock') return 'grant';
      throw forbidden(name, 'The hosting shell only reads, locks and stops.');
    case 'site':
      // It comes by the wallet's own door, which knows what sites may ask for at all; of that each single thing is asked.
      if (name.startsWith('wallet.site') && spec.effect !== 'read' && spec.withheld?.ui !== undefined) return 'ask';
      throw forbidden(name, 'Sites only ask for what the wallet does for sites.');
    case 'peer':
      throw forbidden(name, 'Peers may not call this.');
  }
}

/** What must stay secret does not pass through a model or another program: the person types it. */
function refuseSecrets(name: string, spec: AnyMethod, input: unknown): void {
  if (!spec.secretsTyped || typeof input !== 'object' || input === null) return;
  const given = spec.secret?.find((key) => (input as Record<string, unknown>)[key] !== undefined);
  if (given !== undefined) throw forbidden(name, `${given} is secret, and only typed by a person.`);
}

function forbidden(name: string, reason: string): Fail {
  return fail('FORBIDDEN', `${name} is not allowed here: ${reason}`, { meaning: 'Nothing was done.' });
}

/** Effects that no standing approval may ever cover. */
export const neverMandatable = ['delete', 'admin'] as const;
