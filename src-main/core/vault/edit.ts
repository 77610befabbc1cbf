import { saveNode } from './commit.ts';
import type { Core, Session } from './core.ts';
import type { Node } from './tree.ts';

/**
 * Change nodes in memory and in the catalogue as one, in their order; durable when it returns. Memory is put back when the
 * catalogue refuses.
 */
export function editNodes(core: Core, session: Session, nodes: readonly Node[], change: (node: Node) => void): void {
  const before = nodes.map(({ parent, name, modified, binnedAt }) => ({ parent, name, modified, binnedAt }));
  const replace = (node: Node, with_: () => void): void => {
    session.tree.detach(node);
    with_();
    session.tree.attach(node);
  };
  try {
    session.catalogue.transaction(() => {
      for (const node of nodes) {
        replace(node, () => change(node));
        saveNode(session, core, node);
      }
    });
  } catch (error) {
    // The last first: one may have taken the name that another gave up.
    for (const [i, node] of [...nodes.entries()].reverse()) replace(node, () => Object.assign(node, before[i]));
    throw error;
  }
  core.changed(nodes.map((node) => node.id));
}
