import type { AgentContract } from '#shared/contract/agent.ts';
import type { Contract } from '#shared/rpc/contract.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Tasks } from '../tasks/tasks.ts';
import type { Checks, Naming } from './handlers.ts';
import type { Journal } from './journal.ts';
import type { Mandates } from './mandates.ts';
import { namesFiles } from './words.ts';

type Own = 'activity.undo' | 'mandates.create' | 'mandates.revoke' | 'tasks.cancel';
type Methods = Pick<AgentContract, Own>;
interface Parts {
  contract: Contract;
  journal: Journal;
  mandates: Mandates;
  tasks: Tasks;
}

/** What is wrong with a call on the log, standing approvals and tasks, so that nobody is asked to allow what cannot be. */
export function brokerChecks({ journal, mandates, tasks }: Parts): Checks<Methods> {
  return {
    'activity.undo': ({ seq }) => {
      if (journal.entry(seq) === null) throw fail('NOT_FOUND', 'There is no such entry.');
    },
    'mandates.create': mandates.check,
    'mandates.revoke': ({ mandate }) => {
      mandates.get(mandate);
    },
    'tasks.cancel': ({ task }) => {
      if (tasks.get(task) === null) throw fail('NOT_FOUND', 'There is no such task.');
    },
  };
}

/** Entries and tasks by what they do, standing approvals by what they allow. */
export function brokerNaming({ contract, journal, mandates, tasks }: Parts): Naming<Record<Own, Contract[string]>> {
  /** These words are kept outside the vault's own entries, and shown while it is locked: no names of files. */
  const openly = (method: string, words: string): string =>
    namesFiles(method) ? (contract[method]?.about ?? method) : words;
  return {
    'activity.undo': ({ seq }: { seq: number }) => {
      const begin = journal.entry(seq)?.begin;
      return { seq: begin && `${seq} (${openly(begin.method, begin.summary)})` };
    },
    'mandates.revoke': ({ mandate }: { mandate: string }) => {
      const { method, face, target } = mandates.get(mandate);
      const fixed = namesFiles(method) ? '' : `, ${JSON.stringify(target)}`;
      return { mandate: `${method} for ${face}${fixed} (${mandate})` };
    },
    'tasks.cancel': ({ task }: { task: string }) => {
      const found = tasks.get(task);
      return { task: found === null ? undefined : `“${openly(found.method, found.title)}”` };
    },
  };
}
