import type { VaultKeys } from './format/keys.ts';
import { decodeItem, openRow } from './format/row.ts';
import type { Catalogue } from './store/catalogue.ts';
import { createTree, type Tree } from './tree.ts';

/**
 * Open every row, a few thousand at a time so that the agent goes on meanwhile.
 *
 * @returns `unreadable`: rows that cannot be opened. They stay where they are; what they tell of is not in the tree.
 */
export async function loadTree(
  catalogue: Catalogue,
  keys: VaultKeys,
  signal: AbortSignal,
): Promise<{ readonly tree: Tree; readonly unreadable: number }> {
  const tree = createTree();
  let unreadable = 0;
  const batch = 2_000;
  for (let after = ''; ; ) {
    signal.throwIfAborted();
    const rows = catalogue.all<{ id: string; sealed: Uint8Array }>(
      'SELECT id, sealed FROM items WHERE id > ? ORDER BY id LIMIT ?',
      after,
      batch,
    );
    for (const { id, sealed } of rows) {
      const plain = openRow(keys, 'item', id, sealed);
      const record = plain && decodeItem(plain);
      if (record) tree.load(id, record);
      else unreadable++;
    }
    const last = rows.at(-1);
    if (!last || rows.length < batch) break;
    after = last.id;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  tree.adopt();
  return { tree, unreadable };
}
