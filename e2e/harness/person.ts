import type { AgentClient } from '#shared/contract/agent.ts';

/** Passphrase of every identity that tests make. */
export const passphrase = 'correct horse battery staple';

export interface Newcomer {
  readonly words: readonly string[];
  readonly id: string;
}

/** Make an identity without the interface, its phrase confirmed. */
export async function makeIdentity(client: AgentClient, name = 'Ada'): Promise<Newcomer> {
  const { draft, words, check } = await client['identity.draft']({});
  const answers = check.map((index) => ({ index, word: words[index] ?? '' }));
  const status = await client['identity.create']({ draft, name, passphrase, answers });
  if (status.person === null) throw new Error('The identity was not created.');
  return { words, id: status.person.id };
}

/** An agent with an identity and a vault of 4+2 places below its home. Onboarding counts as done. */
export async function settleIn(client: AgentClient, name = 'Ada'): Promise<Newcomer> {
  const newcomer = await makeIdentity(client, name);
  await client['vault.setup']({});
  await client['system.configure']({ onboarded: true });
  return newcomer;
}
