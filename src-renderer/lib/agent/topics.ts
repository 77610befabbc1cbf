import { agentContract, type MethodName } from '#shared/contract/agent.ts';
import type { AgentEvent } from '#shared/contract/system.ts';

export type Topic = AgentEvent['topic'];

/** Topic of each domain prefix; `system.settings` is the one method whose topic is not its prefix. */
const prefixes: Readonly<Record<string, Topic>> = {
  system: 'system',
  identity: 'identity',
  shares: 'identity',
  contacts: 'contacts',
  pairing: 'identity',
  vault: 'vault',
  machines: 'machines',
  mesh: 'mesh',
  tasks: 'tasks',
  activity: 'activity',
  mandates: 'activity',
  consent: 'consent',
};

function topicOf(method: MethodName): Topic | undefined {
  return method === 'system.settings' ? 'settings' : prefixes[method.split('.')[0] ?? ''];
}

const names = Object.keys(agentContract) as MethodName[];
const reads = names.filter((name) => agentContract[name].kind === 'call' && agentContract[name].effect === 'read');

/** What must be asked again when something of a topic changed. Locking and unlocking change what the vault, contacts, the mesh (its names) and questions show. */
export function methodsOf(topic: Topic): readonly MethodName[] {
  return reads.filter(
    (name) =>
      topicOf(name) === topic ||
      (topic === 'identity' && ['vault', 'contacts', 'mesh', 'consent'].includes(topicOf(name) ?? '')),
  );
}
