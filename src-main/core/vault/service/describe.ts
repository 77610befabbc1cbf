import type { Safety, VaultItem } from '#shared/contract/vault.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { Session } from '../core.ts';
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

/** As long as an id of ours: 128 bits in base64url. */
const idLength = 22;

const unknown = (ref: string) =>
  fail(
    'NOT_FOUND',
    `${ref.length === idLength && !ref.includes('/') ? 'This item' : `"${ref}"`} is not in the vault.`,
    {
      meaning: 'It may have been moved, renamed or deleted.',
      next: 'Look at the folder again. Its path from the root, such as /notes/a.txt, names it, and so does its id.',
    },
  );

/** What an id or a path from the root names. @throws Fail NOT_FOUND */
export function nodeOf(session: Session, ref: string): Node {
  const node = session.tree.find(ref);
  if (!node) throw unknown(ref);
  return node;
}

/** The same, each once however often and by whatever name it is given. @throws Fail NOT_FOUND */
export const nodesOf = (session: Session, refs: readonly string[]): Node[] => [
  ...new Set(refs.map((ref) => nodeOf(session, ref))),
];

/** What lies in the bin has no path any more: its name, or where it was, names it as long as it is the only one. */
export function binnedNodesOf(session: Session, refs: readonly string[]): Node[] {
  const { tree } = session;
  const named = (ref: string): Node => {
    const byId = tree.get(ref);
    if (byId) return byId;
    const wanted = ref.normalize('NFC').split('/').filter(Boolean).join('/');
    const [found, another] = [...tree.bin.values()].filter(
      (node) => (!ref.startsWith('/') && node.name === wanted) || pathOf(session, node) === wanted,
    );
    if (another) {
      throw fail('NOT_FOUND', `More than one thing in the bin was "${ref}".`, {
        meaning: 'Nothing was changed.',
        next: 'Look at the list of the bin, and give the id of the one you mean.',
      });
    }
    // Not in the bin, but there: the caller says so in its own words.
    return found ?? nodeOf(session, ref);
  };
  return [...new Set(refs.map(named))];
}

/** The folder that an id or a path names; null is the root (`root` or `/`). @throws Fail NOT_FOUND */
export function folderOf(session: Session, ref: string): string | null {
  if (ref === 'root' || /^\/+$/.test(ref)) return null;
  const node = nodeOf(session, ref);
  if (!node.children) {
    throw fail('NOT_FOUND', `"${node.name}" is a file, not a folder.`, {
      meaning: 'Nothing was changed.',
      next: 'Give the path of a folder, such as /notes, or / for the top.',
    });
  }
  return node.id;
}

export const folderId = (id: string): string | null => (id === 'root' ? null : id);
