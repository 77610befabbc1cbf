import type { AgentClient } from '#shared/contract/agent.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { type ClashChoices, findClashes } from './clashes.ts';
import type { Clash, Target, UploadSource } from './job.ts';
import type { UploadQueue } from './queue.ts';
import type { Gathered } from './sources.ts';

type StoreClient = Pick<AgentClient, 'vault.makeFolder' | 'vault.get' | 'vault.list'>;

/** Asks the person what to do with files whose names are taken; null gives the whole upload up. */
export type AskClashes = (clashing: readonly UploadSource[]) => Promise<ClashChoices | null>;

/** Hand gathered files to the queue, asking first where names are taken, and make the folders that no file would make. */
export async function storeFiles(
  queue: Pick<UploadQueue, 'add'>,
  client: StoreClient,
  found: Gathered,
  into: Target,
  ask: AskClashes,
): Promise<void> {
  const clashing = await findClashes(client, found.files, into);
  const choices = clashing.length === 0 ? new Map<UploadSource, Clash>() : await ask(clashing);
  if (choices === null) return;
  for (const clash of ['both', 'replace', 'skip'] as const) {
    const files = found.files.filter((file) => (choices.get(file) ?? 'both') === clash);
    if (files.length > 0) queue.add(files, into, clash);
  }
  const made = new Map<string, Target>();
  for (const path of found.emptyFolders) {
    let parent = into;
    for (const [depth, name] of path.entries()) {
      const key = path.slice(0, depth + 1).join('/');
      const known = made.get(key) ?? (await makeFolder(client, parent, name));
      made.set(key, known);
      parent = known;
    }
  }
}

async function makeFolder(client: StoreClient, parent: Target, name: string): Promise<Target> {
  try {
    return (await client['vault.makeFolder']({ parent, name })).item.id;
  } catch (error) {
    if (!isFail(error, 'NAME_TAKEN')) throw error;
    const above = parent === 'root' ? '' : (await client['vault.get']({ item: parent })).path;
    return (await client['vault.get']({ item: `${above.replace(/\/$/, '')}/${name}` })).id;
  }
}
