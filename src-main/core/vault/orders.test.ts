import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createOrders, type Sort } from './orders.ts';
import { createTree, type Node } from './tree.ts';

const record = (parent: string | null, kind: 'file' | 'folder', name: string, n: number) => ({
  ...{ parent, kind, name, size: n % 7, modified: n % 5, added: 0, mime: '', binnedAt: null },
});
const sorts: readonly Sort[] = ['name', 'size', 'modified'];

it('a kept order is what sorting anew would give, whatever happened in between', () => {
  const act = fc.record({ what: fc.nat(5), which: fc.nat(1000), value: fc.nat(50) });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
      const tree = createTree();
      const orders = createOrders(tree);
      const folders: (string | null)[] = [null];
      const nodes: Node[] = [];
      let next = 0;
      for (const { what, which, value } of acts) {
        const parent = folders[which % folders.length] ?? null;
        const node = nodes[which % Math.max(1, nodes.length)];
        if (what < 2 || !node) {
          const kind = what === 0 && value < 10 ? 'folder' : 'file';
          const id = `id${next++}`;
          if (tree.get(parent ?? '')?.binnedAt) continue;
          nodes.push(tree.add(id, record(parent, kind, `n${value} ${id}`, value)));
          if (kind === 'folder') folders.push(id);
        } else if (tree.get(node.id)) {
          tree.detach(node);
          if (what === 2) node.name = `m${value} ${node.id}`;
          if (what === 3 && node.kind === 'file') node.parent = parent;
          if (what === 4) node.binnedAt = node.binnedAt === null ? value : null;
          tree.attach(node);
          if (what === 5 && node.kind === 'file') tree.drop(node);
        }
        for (const folder of [null, 'bin', folders.at(-1) ?? null]) {
          if (folder !== null && folder !== 'bin' && !tree.get(folder)) continue;
          const sort = sorts[value % 3] ?? 'name';
          const descending = which % 2 === 0;
          const anew = createOrders(tree).of(folder, sort, descending);
          expect(orders.of(folder, sort, descending).map(({ id }) => id)).toEqual(anew.map(({ id }) => id));
        }
      }
    }),
    { numRuns: 200 },
  );
});
