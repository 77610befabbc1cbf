import type { AgentClient } from '#shared/contract/agent.ts';
import { startAgent, type TestAgent, temporaryHome } from './agent.ts';
import { settleIn } from './person.ts';

/** Somebody else with an agent of their own, on the mesh by loopback alone. */
export interface SecondPerson {
  readonly agent: TestAgent;
  readonly client: AgentClient;
  /** Their address on the mesh. */
  readonly address: string;
  /** Where their node listens. */
  readonly endpoint: string;
  leave(): Promise<void>;
}

/** Quiet towards the outside: no public nodes, nobody looked for, any free port. */
export const loopbackOnly = { publicPeers: false, discovery: false, listen: true, port: 0 } as const;

export async function secondPerson(name: string): Promise<SecondPerson> {
  const { home, remove } = await temporaryHome();
  const agent = await startAgent({ home, port: 0 });
  const connection = await agent.connect();
  const { client } = connection;
  await settleIn(client, name);
  const { address, listening } = await client['mesh.join'](loopbackOnly);
  if (address === null || listening === null) throw new Error(`${name} is not on the mesh.`);
  return {
    agent,
    client,
    address,
    endpoint: `tcp://127.0.0.1:${listening}`,
    async leave() {
      connection.close();
      await agent.stop();
      await remove();
    },
  };
}
