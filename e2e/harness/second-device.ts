import { expect } from '@playwright/test';
import type { AgentClient } from '#shared/contract/agent.ts';
import { startAgent, type TestAgent, temporaryHome } from './agent.ts';
import { passphrase } from './person.ts';
import { loopbackOnly } from './second-person.ts';

/** Another device of the same person: paired with the keys, with a vault, on the mesh with the first one. */
export interface SecondDevice {
  readonly agent: TestAgent;
  readonly client: AgentClient;
  leave(): Promise<void>;
}

/** @param client of the first device, which has an identity and has not joined the mesh yet */
export async function secondDevice(client: AgentClient, name: string): Promise<SecondDevice> {
  const { home, remove } = await temporaryHome();
  const agent = await startAgent({ home, port: 0 });
  const connection = await agent.connect();
  const there = connection.client;
  const leave = async (): Promise<void> => {
    connection.close();
    await agent.stop();
    await remove();
  };
  try {
    const { addresses } = await client['pairing.offer']({});
    await there['pairing.join']({ at: `127.0.0.1:${addresses[0]?.split(':').at(-1)}`, name });
    const state = (one: AgentClient) =>
      expect.poll(async () => (await one['pairing.status']({})).state, { timeout: 30_000 });
    await state(there).toBe('comparing');
    await state(client).toBe('comparing');
    const code = (await there['pairing.status']({})).code ?? '';
    await there['pairing.answer']({ code, equal: true });
    await client['pairing.answer']({ code, equal: true, withKeys: true });
    await state(there).toBe('protecting');
    await there['pairing.protect']({ passphrase });
    await state(there).toBe('done');
    await there['vault.setup']({});
    await there['system.configure']({ onboarded: true });
    const { listening } = await client['mesh.join'](loopbackOnly);
    await there['mesh.join'](loopbackOnly);
    await there['mesh.addPeer']({ endpoint: `tcp://127.0.0.1:${listening}` });
    return { agent, client: there, leave };
  } catch (error) {
    await leave();
    throw error;
  }
}
