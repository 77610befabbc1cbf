import { fail } from '#shared/rpc/fail.ts';
import type { ItemRecord } from './format/row.ts';

/** One file or folder in memory while unlocked. A folder's size is the sum of what it holds. */
export interface Node {
  readonly id: string;
  readonly kind: 'file' | 'folder';
  parent: string | null;
  name: string;
  size: number;
  modified: number;
  added: number;
  mime: string;
  binnedAt: number | null;
  /** By name; folders only. What is in the bin is not among them. */
  readonly children: Map<string, Node> | null;
}

/**
 * The tree of names, in memory only while unlocked; the truth is in the catalogue. A binned item keeps its parent's id so
 * that it can go back; what lies below it comes along.
 */
export interface Tree {
  readonly root: Map<string, Node>;
  readonly bin: Map<string, Node>;
  get(id: string): Node | null;
  /** The children of a folder or of the root. @throws Fail NOT_FOUND */
  children(folder: string | null): Map<string, Node>;
  /** Add without asking about the name. Parents first or later: {@link adopt} puts orphans right after loading. */
  load(id: string, record: ItemRecord): void;
  adopt(): void;
  add(id: string, record: ItemRecord): Node;
  /** Take a node out of where it is shown (parent or bin), keeping what is below it. */
  detach(node: Node): void;
  /** Show it under its parent, or in the bin when `binnedAt` is set. */
  attach(node: Node): void;
  /** Forget a node and all below it; returns them. */
  drop(node: Node): Node[];
  below(node: Node): Generator<Node>;
  path(node: Node): Node[];
  inBin(node: Node): boolean;
  /** By id, or by names from the root joined by slashes. */
  find(idOrPath: string): Node | null;
  counts(): { files: number; folders: number; size: number; binned: number };
  nodes(): Iterable<Node>;
  /**
   * Told of what comes into a folder, leaves it or weighs another size in it: the folder (null for the root, `bin` for the bin) and
   * the node. After loading.
   */
  onTouch(touched: (folder: string | null, node: Node) => void): void;
}

export function createTree(): Tree {
  const nodes = new Map<string, Node>();
  const root = new Map<string, Node>();
  const bin = new Map<string, Node>();

  const listeners: ((folder: string | null, node: Node) => void)[] = [];
  const touch = (node: Node): void => {
    for (const touched of listeners) touched(node.binnedAt === null ? node.parent : 'bin', node);
  };
  const get = (id: string): Node | null => nodes.get(id) ?? null;
  const parentOf = (node: Node): Node | null => (node.parent === null ? null : get(node.parent));
  const grow = (from: Node | null, by: number): void => {
    // A binned folder is the top of what it weighs.
    for (let at = from; at !== null; at = at.binnedAt === null ? parentOf(at) : null) {
      at.size += by;
      touch(at);
    }
  };
  const shownIn = (node: Node): Map<string, Node> | null => {
    if (node.binnedAt !== null) return bin;
    if (node.parent === null) return root;
    return parentOf(node)?.children ?? null;
  };
  const keyOf = (node: Node): string => (node.binnedAt === null ? node.name : node.id);
  const make = (id: string, r: ItemRecord): Node => {
    const { parent, kind, name, modified, added, mime, binnedAt } = r;
    const size = kind === 'folder' ? 0 : r.size;
    const node: Node = {
      id,
      kind,
      parent,
      name,
      size,
      modified,
      added,
      mime,
      binnedAt,
      children: kind === 'folder' ? new Map() : null,
    };
    nodes.set(id, node);
    return node;
  };
  const attach = (node: Node): void => {
    shownIn(node)?.set(keyOf(node), node);
    touch(node);
    if (node.binnedAt === null) grow(parentOf(node), node.size);
  };
  const detach = (node: Node): void => {
    const shown = shownIn(node);
    if (shown?.get(keyOf(node)) !== node) return;
    shown.delete(keyOf(node));
    touch(node);
    if (node.binnedAt === null) grow(parentOf(node), -node.size);
  };
  /** Without recursion: how deep folders lie in one another is for others to choose. Parents before what they hold. */
  function* below(node: Node): Generator<Node> {
    const stack = [(node.children ?? new Map<string, Node>()).values()];
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const { value: child } = top.next();
      if (!child) {
        stack.pop();
        continue;
      }
      yield child;
      if (child.children) stack.push(child.children.values());
    }
  }

  return {
    root,
    bin,
    get,
    children(folder) {
      if (folder === null) return root;
      const children = get(folder)?.children;
      if (!children)
        throw fail('NOT_FOUND', 'There is no such folder in the vault.', {
          next: 'Look at the list of folders again.',
        });
      return children;
    },
    load: (id, record) => void make(id, record),
    adopt() {
      for (const node of nodes.values()) {
        const parent = parentOf(node);
        // Only damage makes an orphan; it must stay in sight.
        if (node.parent !== null && node.binnedAt === null && !parent?.children) node.parent = null;
        const shown = shownIn(node);
        while (shown?.has(keyOf(node)) && node.binnedAt === null) node.name = `${node.name} (again)`;
        shown?.set(keyOf(node), node);
      }
      for (const node of nodes.values()) {
        if (node.kind === 'file' && node.binnedAt === null) grow(parentOf(node), node.size);
      }
    },
    add(id, record) {
      const node = make(id, record);
      attach(node);
      return node;
    },
    attach,
    detach,
    drop(node) {
      detach(node);
      const all = [node, ...below(node)];
      for (const { id } of all) nodes.delete(id);
      return all;
    },
    below,
    path(node) {
      const path: Node[] = [];
      for (let at: Node | null = node; at !== null && path.length < 10_000; at = parentOf(at)) path.unshift(at);
      return path;
    },
    inBin(node) {
      for (let at: Node | null = node; at !== null; at = parentOf(at)) if (at.binnedAt !== null) return true;
      return false;
    },
    find(idOrPath) {
      const byId = get(idOrPath);
      if (byId) return byId;
      let at: Node | null = null;
      let here: Map<string, Node> | null = root;
      for (const name of idOrPath.split('/').filter((part) => part !== '')) {
        at = here?.get(name.normalize('NFC')) ?? null;
        if (!at) return null;
        here = at.children;
      }
      return at;
    },
    counts() {
      let files = 0;
      let folders = 0;
      let size = 0;
      const left = [root];
      for (let children = left.pop(); children; children = left.pop()) {
        for (const node of children.values()) {
          if (node.children) {
            folders++;
            left.push(node.children);
          } else {
            files++;
            size += node.size;
          }
        }
      }
      return { files, folders, size, binned: bin.size };
    },
    nodes: () => nodes.values(),
    onTouch: (touched) => void listeners.push(touched),
  };
}

export function recordOf(node: Node): ItemRecord {
  const { parent, kind, name, modified, added, mime, binnedAt } = node;
  return { parent, kind, name, size: kind === 'folder' ? 0 : node.size, modified, added, mime, binnedAt };
}
