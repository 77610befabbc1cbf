import type { Node, Tree } from './tree.ts';

export type Sort = 'name' | 'size' | 'modified';
/** A folder's id; null is the root, `bin` the bin. */
export type Listed = string | null;

/** What a folder holds, in order: kept from page to page, and put right where something changed instead of sorted anew. */
export interface Orders {
  of(folder: Listed, sort: Sort, descending: boolean): readonly Node[];
}

/** Lists kept at a time. */
const mostKept = 12;
/** Changes after which sorting anew costs no more than finding each its place. */
const mostTouched = 2000;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
const by: Readonly<Record<Sort, (a: Node, b: Node) => number>> = {
  name: (a, b) => collator.compare(a.name, b.name),
  size: (a, b) => a.size - b.size,
  modified: (a, b) => a.modified - b.modified,
};

interface Kept {
  order: Node[];
  readonly touched: Set<Node>;
}

export function createOrders(tree: Tree): Orders {
  /** By folder, then by order; the folder asked for last at the end. */
  const kept = new Map<Listed, Map<string, Kept>>();
  tree.onTouch((folder, node) => {
    for (const one of kept.get(folder)?.values() ?? []) one.touched.add(node);
  });

  return {
    of(folder, sort, descending) {
      const sign = descending ? -1 : 1;
      const compare = by[sort];
      // Folders first; equal ones by id, so that pages never overlap.
      const inOrder = (a: Node, b: Node): number =>
        Number(a.kind === 'file') - Number(b.kind === 'file') || sign * compare(a, b) || (a.id < b.id ? -1 : 1);
      const nodes = folder === 'bin' ? tree.bin : tree.children(folder);
      const lists = kept.get(folder) ?? new Map<string, Kept>();
      kept.delete(folder);
      kept.set(folder, lists);
      for (const oldest of kept.keys()) if (kept.size > mostKept) kept.delete(oldest);
      const key = `${sort} ${descending}`;
      let list = lists.get(key);
      if (!list || list.touched.size > mostTouched) {
        list = { order: [...nodes.values()].sort(inOrder), touched: new Set() };
        lists.set(key, list);
      } else if (list.touched.size > 0) {
        const { order, touched } = list;
        const there = new Set(nodes.values().filter((node) => touched.has(node)));
        list.order = withIn(
          order.filter((node) => !touched.has(node)),
          [...there].sort(inOrder),
          inOrder,
        );
        touched.clear();
      }
      return list.order;
    },
  };
}

/** Two ordered lists as one, the second short. */
function withIn(order: readonly Node[], more: readonly Node[], compare: (a: Node, b: Node) => number): Node[] {
  const out: Node[] = [];
  let from = 0;
  for (const node of more) {
    let low = from;
    let high = order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compare(order[middle] as Node, node) < 0) low = middle + 1;
      else high = middle;
    }
    for (; from < low; from++) out.push(order[from] as Node);
    out.push(node);
  }
  for (; from < order.length; from++) out.push(order[from] as Node);
  return out;
}
