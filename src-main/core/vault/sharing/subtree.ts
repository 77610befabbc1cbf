import type { Session } from '../core.ts';
import type { Node } from '../tree.ts';
import type { Given } from './records.ts';

/** Deeper than anything somebody would make by hand; paths are told no longer than this. */
const deepest = 256;

/**
 * What a share stands for now. A file that was replaced is another item under the same name in the same folder (a new version), and
 * is what is shared from then on. Null when it is gone or in the bin.
 */
export function rootOf({ tree }: Session, share: Pick<Given, 'item' | 'kind' | 'parent' | 'name'>): Node | null {
  const node = tree.get(share.item);
  if (node !== null && !tree.inBin(node)) return node.kind === share.kind ? node : null;
  if (share.kind !== 'file') return null;
  const parent = share.parent === null ? null : tree.get(share.parent);
  if (share.parent !== null && (parent?.children == null || tree.inBin(parent))) return null;
  const newer = tree.children(share.parent).get(share.name);
  return newer?.kind === 'file' ? newer : null;
}

/**
 * The way from what is shared down to an item; null when it does not lead there. Asked by id and up the tree, so there is no
 * path that could lead out.
 */
export function pathWithin({ tree }: Session, root: Node, item: string | null): Node[] | null {
  const path: Node[] = [];
  let at = item === null ? root : tree.get(item);
  while (at !== null && path.length < deepest) {
    if (at.binnedAt !== null) return null;
    path.unshift(at);
    if (at === root) return path;
    at = at.parent === null ? null : tree.get(at.parent);
  }
  return null;
}
