import type { Safety, VaultItem } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import type { Session } from '../core.ts';
import { notFound } from '../failures.ts';
import { worst } from '../places/safety.ts';
import type { Node } from '../tree.ts';

/** How safe every item is, kept until something changes: most share the usual safety, the others are in the map. */
interface SafetyIndex {
  readonly version: number;
  readonly usual: Safety;
  readonly others: ReadonlyMap<string, Safety>;
  readonly atRisk: number;
  readonly damaged: number;
}

export function createDescriber() {
  const cache = new WeakMap<Session, SafetyIndex>();

  const index = (session: Session): SafetyIndex => {
    const { health } = session.engine;
    const known = cache.get(session);
    if (known && known.version === health.version()) return known;
    const { usual, others: packs } = health.uneven();
    const files = new Map<string, Safety>();
    for (const [seq, safety] of packs) {
      for (const { item } of session.catalogue.all<{ item: string }>(
        'SELECT item FROM item_packs WHERE pack = ?',
        seq,
      )) {
        files.set(item, worst(files.get(item) ?? safety, safety));
      }
    }
    const others = new Map<string, Safety>();
    for (const [id, own] of files) {
      const node = session.tree.get(id);
      // A file that also lies in usual packs is as bad as the worst of them.
      const safety = partlyUsual(session, id, packs) ? worst(own, usual) : own;
      others.set(id, safety);
      const above = node ? session.tree.path(node).slice(0, -1) : [];
      for (const folder of above) others.set(folder.id, worst(others.get(folder.id) ?? usual, safety));
    }
    const count = (wanted: Safety): number => {
      let n = 0;
      if (usual === wanted) {
        for (const node of session.tree.nodes()) {
          if (node.kind === 'file' && node.size > 0 && (others.get(node.id) ?? usual) === wanted) n++;
        }
        return n;
      }
      for (const [id, safety] of others) if (safety === wanted && session.tree.get(id)?.kind === 'file') n++;
      return n;
    };
    const made = { version: health.version(), usual, others, atRisk: count('at-risk'), damaged: count('damaged') };
    cache.set(session, made);
    return made;
  };

  return {
    safety: (session: Session, id: string): Safety => {
      const { usual, others } = index(session);
      return others.get(id) ?? usual;
    },
    counts: (session: Session) => index(session),
    item(session: Session, node: Node): VaultItem {
      return {
        id: node.id as ItemId,
        parent: node.parent as ItemId | null,
        kind: node.kind,
        name: node.name,
        size: node.size,
        modified: node.modified,
        added: node.added,
        mime: node.mime,
        safety: this.safety(session, node.id),
        verifiedAt: node.kind === 'file' ? verifiedAt(session, node.id) : null,
        binnedAt: node.binnedAt,
      };
    },
  };
}
export type Describer = ReturnType<typeof createDescriber>;

function partlyUsual(session: Session, item: string, odd: ReadonlyMap<number, Safety>): boolean {
  const rows = session.catalogue.all<{ pack: number }>('SELECT pack FROM item_packs WHERE item = ?', item);
  return rows.some((row) => !odd.has(row.pack));
}

/** When the last of its packs was read and checked in full; null when one never was. */
function verifiedAt(session: Session, item: string): number | null {
  const row = session.catalogue.one<{ at: number | null; never: number }>(
    'SELECT min(verified) AS at, count(*) - count(verified) AS never FROM item_packs JOIN packs ON seq = pack WHERE item = ?',
    item,
  );
  return row && row.never === 0 ? row.at : null;
}

export const pathOf = (session: Session, node: Node): string =>
  session.tree
    .path(node)
    .map((n) => n.name)
    .join('/');

/** @throws Fail NOT_FOUND */
export function nodeOf(session: Session, id: string): Node {
  const node = session.tree.get(id);
  if (!node) throw notFound('This item');
  return node;
}

export const folderId = (id: string): string | null => (id === 'root' ? null : id);
