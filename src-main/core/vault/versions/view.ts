import type { Session } from '../core.ts';
import { decodeItem, openRow } from '../format/row.ts';
import { createTree, type Tree } from '../tree.ts';
import { rowsOf } from './rows.ts';

/** The tree of names as a snapshot sees it. */
export async function viewOf({ catalogue, keys }: Session, number: number, signal: AbortSignal): Promise<Tree> {
  const tree = createTree();
  for await (const rows of rowsOf(catalogue, number, signal)) {
    for (const { id, sealed } of rows) {
      const plain = openRow(keys, 'item', id, sealed);
      const record = plain && decodeItem(plain);
      if (record) tree.load(id, record);
    }
  }
  tree.adopt();
  return tree;
}
