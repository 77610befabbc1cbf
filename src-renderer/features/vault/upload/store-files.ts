import type { AgentClient } from '#shared/contract/agent.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Clash, Target } from './job.ts';
import type { UploadQueue } from './queue.ts';
import type { Gathered } from './sources.ts';

type FolderClient = Pick<AgentClient, 'vault.makeFolder' | 'vault.get'>;

/** Hand gathered files to the queue, and make the folders that no file would make. */
export async function storeFiles(
  queue: UploadQueue,
  client: FolderClient,
  found: Gathered,
  into: Target,
  clash: Clash = 'both',
): Promise<void> {
  queue.add(found.files, into, clash);
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

async function makeFolder(client: FolderClient, parent: Target, name: string): Promise<Target> {
  try {
    return (await client['vault.makeFolder']({ parent, name })).item.id;
  } catch (error) {
    if (!isFail(error, 'NAME_TAKEN')) throw error;
    const above = parent === 'root' ? '' : (await client['vault.get']({ item: parent })).path;
    return (await client['vault.get']({ item: `${above.replace(/\/$/, '')}/${name}` })).id;
  }
}
