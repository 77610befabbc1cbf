import type { Node, Tree } from '../tree.ts';

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'variant' });
/** An order in which no two names are alike, so that a page ends and the next begins at one place. */
const inOrder = (a: string, b: string): number => collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

/** Folders that are gone through page by page at one time. */
const mostKept = 16;

export interface InOrder {
  /** What a folder holds, by name, from the first that comes after a name on. */
  after(folder: Node, name: string | null): readonly Node[];
}

/** Folders in the order of their names: sorted once, and anew when something in them changed. A large one has hundreds of pages. */
export function createInOrder(tree: Pick<Tree, 'onTouch'>): InOrder {
  const kept = new Map<string, readonly Node[]>();
  tree.onTouch((folder) => {
    if (folder !== null) kept.delete(folder);
  });
  return {
    after({ id, children }, name) {
      const sorted = kept.get(id) ?? [...(children?.values() ?? [])].sort((a, b) => inOrder(a.name, b.name));
      // The folder asked for last at the end.
      kept.delete(id);
      kept.set(id, sorted);
      for (const oldest of kept.keys()) if (kept.size > mostKept) kept.delete(oldest);
      if (name === null) return sorted;
      let low = 0;
      let high = sorted.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (inOrder((sorted[middle] as Node).name, name) > 0) high = middle;
        else low = middle + 1;
      }
      return sorted.slice(low);
    },
  };
}
