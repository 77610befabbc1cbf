import type { Caller } from '#core/broker/handlers.ts';
import { randomId } from '#core/crypto/ids.ts';
import type { Host, Logger } from '#core/host.ts';
import { agentContract, contractVersion } from '#shared/contract/agent.ts';
import type { Contract } from '#shared/rpc/contract.ts';
import type { Dispatcher } from '#shared/rpc/dispatcher.ts';
import { type Fail, fail } from '#shared/rpc/fail.ts';
import type { Hello } from '#shared/rpc/frames.ts';
import { type Served, serve } from '#shared/rpc/peer.ts';
import type { Transport } from '#shared/rpc/transport.ts';

/** How long a connection may stay silent before it has said who it is. */
const helloWithinMs = 10_000;

export type Decide = (hello: Hello) => Omit<Caller, 'connection'> | Fail;

/** Every connection of the agent, whatever carries it; closing them is one call. */
export interface Connections {
  /** Serve one; `decide` says who it is from its first frame and what the carrier knows. */
  add(transport: Transport, decide: Decide): Served | null;
  /** End all, telling each client why. */
  closeAll(why: Fail): Promise<void>;
}

export function createConnections(options: {
  dispatcher: Dispatcher<Caller>;
  host: Host;
  log: Logger;
  checkOutputs: boolean;
  /** Connections at once, over all carriers. */
  max?: number;
}): Connections {
  const { dispatcher, host, log, checkOutputs, max = 128 } = options;
  const open = new Set<Served>();
  return {
    add(transport, decide) {
      if (open.size >= max) {
        transport.close();
        return null;
      }
      const served = serve<Caller>(transport, {
        contract: agentContract as Contract,
        version: contractVersion,
        dispatcher,
        accept: (hello) => {
          const who = decide(hello);
          if (who instanceof Error) return who;
          const connection = randomId(host.random);
          return { caller: { ...who, connection }, connection };
        },
        checkOutputs,
        newIncident: () => randomId(host.random).slice(0, 8),
        log: ({ incident, method, error }) => log.error({ incident, method, error }, 'a call failed inside the agent'),
        hello: { withinMs: helloWithinMs, setTimer: host.setTimer },
      });
      open.add(served);
      void served.closed.then(() => open.delete(served));
      return served;
    },
    async closeAll(why) {
      const all = [...open];
      for (const served of all) served.close(why);
      await Promise.all(all.map((served) => served.closed));
    },
  };
}

/**
 * Who a program on the local socket is. The socket is its owner's alone, so the role is believed, within bounds: a
 * person is at the interface (relayed by the window's process) or at a terminal prompt, nowhere else. What this means
 * against malware of the same user is in docs/threat-model.md.
 */
export const decideLocal: Decide = ({ role }) => {
  const { face, person, name } = role;
  switch (face) {
    case 'cli':
      return { face, person, name };
    case 'ui':
      return person ? { face, person, name } : fail('FORBIDDEN', 'The interface always acts for a person.');
    case 'mcp':
    case 'assistant':
    case 'shell':
      return person ? fail('FORBIDDEN', `A connection of the kind ${face} is no person.`) : { face, person, name };
    case 'site':
      return fail('FORBIDDEN', 'Sites come by the door that the wallet has for them.');
    case 'peer':
      return fail('FORBIDDEN', 'Peers come over the mesh, not over the local socket.');
  }
};
