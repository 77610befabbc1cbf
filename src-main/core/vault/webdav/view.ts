import { toBase64url } from '#core/crypto/encoding.ts';
import { hmacSha256 } from '#core/crypto/hash.ts';
import type { Session } from '../core.ts';
import { manifestOf } from '../service/read.ts';
import type { Node, Tree } from '../tree.ts';

/** What a path names: the root (no node), a file or folder, or nothing yet. */
export interface Spot {
  readonly path: readonly string[];
  readonly node: Node | null;
  readonly exists: boolean;
  /** Of a folder, what it holds. */
  readonly children: ReadonlyMap<string, Node> | null;
  /** The folder it lies in, or would: its id, null for the root; undefined where there is no such folder. */
  readonly parent: string | null | undefined;
  /** Its name there as it is written, or would be. Empty for the root. */
  readonly name: string;
}

/** Names are kept composed (NFC); what came into the vault otherwise is found as it is. */
function childOf(children: ReadonlyMap<string, Node>, name: string): Node | undefined {
  return children.get(name) ?? children.get(name.normalize('NFC')) ?? children.get(name.normalize('NFD'));
}

export function spotOf(tree: Tree, path: readonly string[]): Spot {
  let node: Node | null = null;
  let children: ReadonlyMap<string, Node> | null = tree.root;
  for (const name of path.slice(0, -1)) {
    node = (children && childOf(children, name)) ?? null;
    children = node?.children ?? null;
    if (!children) return { path, node: null, exists: false, children: null, parent: undefined, name: '' };
  }
  const last = path.at(-1);
  if (last === undefined) return { path, node: null, exists: true, children: tree.root, parent: undefined, name: '' };
  const found = (children && childOf(children, last)) ?? null;
  return {
    path,
    node: found,
    exists: found !== null,
    children: found?.children ?? null,
    parent: node?.id ?? null,
    name: found?.name ?? last.normalize('NFC'),
  };
}

/** How many tags are remembered: as many as a large folder has files. */
const mostTags = 100_000;
const tags = new WeakMap<Session, Map<string, string>>();

/**
 * The entity tag of a file, with its quotes: a hash of what it holds, keyed as the names of its chunks are (equal
 * contents have equal tags, and a tag tells nothing to who has no key). Null for a folder.
 */
export function tagOf(session: Session, node: Node | null): string | null {
  if (node?.kind !== 'file') return null;
  const known = tags.get(session) ?? new Map<string, string>();
  tags.set(session, known);
  // An item is written once; should that change, its time tells.
  const key = `${node.id} ${node.size} ${node.modified}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const ids = manifestOf(session, node.id).map(({ id }) => id);
  const made = `"${toBase64url(hmacSha256(session.keys.ids, new TextEncoder().encode('etag'), ...ids).subarray(0, 18))}"`;
  if (known.size >= mostTags) known.clear();
  known.set(key, made);
  return made;
}

/** When a node was last written, in whole seconds as HTTP has them (ms). */
export const modifiedOf = (node: Node): number => Math.floor(node.modified / 1000) * 1000;
