import type { AgentClient } from '#shared/contract/agent.ts';
import type { Clash, Target, UploadSource } from './job.ts';

type ListClient = Pick<AgentClient, 'vault.list'>;

/** What a person chose for files whose names are taken; a file that is not in it is stored beside the other. */
export type ClashChoices = ReadonlyMap<UploadSource, Clash>;

interface Wanted {
  readonly files: Map<string, UploadSource[]>;
  readonly folders: Map<string, Wanted>;
}

const pageRows = 5000;
const wanted = (): Wanted => ({ files: new Map(), folders: new Map() });

/**
 * The files whose names are taken by a file in the very folder they would go to. Only folders that the upload reaches
 * are listed. A folder of the same name is no clash: a file never replaces one.
 * @throws Fail as the agent says.
 */
export async function findClashes(
  client: ListClient,
  sources: readonly UploadSource[],
  into: Target,
): Promise<UploadSource[]> {
  const clashing = new Set<UploadSource>();
  const visit = async (want: Wanted, folder: Target): Promise<void> => {
    const open = new Set([...want.files.keys(), ...want.folders.keys()]);
    let offset = 0;
    while (open.size > 0) {
      const { items, total } = await client['vault.list']({ folder, offset, limit: pageRows });
      for (const item of items) {
        if (!open.delete(item.name)) continue;
        if (item.kind === 'file') for (const source of want.files.get(item.name) ?? []) clashing.add(source);
        const below = want.folders.get(item.name);
        if (item.kind === 'folder' && below) await visit(below, item.id);
      }
      offset += items.length;
      if (items.length === 0 || offset >= total) return;
    }
  };
  await visit(treeOf(sources), into);
  return sources.filter((source) => clashing.has(source));
}

/** Names as the vault keeps them: NFC, whatever the computer that has the file uses. */
function treeOf(sources: readonly UploadSource[]): Wanted {
  const root = wanted();
  for (const source of sources) {
    const names = source.path.map((name) => name.normalize('NFC'));
    const last = names.pop();
    if (last === undefined) continue;
    let at = root;
    for (const name of names) {
      const next = at.folders.get(name) ?? wanted();
      at.folders.set(name, next);
      at = next;
    }
    at.files.set(last, [...(at.files.get(last) ?? []), source]);
  }
  return root;
}
