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
  ledger: 'ledger',
  wallet: 'wallet',
  deals: 'deals',
  names: 'names',
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

/** What locking and unlocking change: what is sealed, names of people, and what needs the keys. */
const sealed: ReadonlySet<Topic | undefined> = new Set<Topic>([
  'vault',
  'contacts',
  'mesh',
  'ledger',
  'wallet',
  'deals',
  'names',
  'consent',
]);

/** What must be asked again when something of a topic changed. */
export function methodsOf(topic: Topic): readonly MethodName[] {
  return reads.filter((name) => {
    const own = topicOf(name);
    return own === topic || (topic === 'identity' && sealed.has(own));
  });
}
