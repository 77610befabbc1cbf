import type { Core, Session } from '../core.ts';
import type { ManifestChunk } from '../format/manifest.ts';
import { manifestOf } from '../service/read.ts';
import type { Node } from '../tree.ts';
import type { Disk } from './local/disk.ts';
import type { Found } from './local/scan.ts';
import { isJunk, isOwn } from './plan/ignore.ts';
import { type Agreed, joined, parentOf, type VaultEntry } from './plan/trees.ts';
import type { Problem } from './problem.ts';
import type { AgreedStore } from './store.ts';

/** What the steps of one watched folder work on, while the vault is unlocked. */
export interface Site {
  readonly core: Core;
  readonly session: Session;
  /** Ends when the vault locks, and when the folder is paused or watched no more. */
  readonly signal: AbortSignal;
  /** The vault's folder; null for the top. */
  readonly top: string | null;
  readonly root: string;
  readonly disk: Disk;
  readonly agreed: AgreedStore;
  /** As last looked at, and as the steps since have left it. */
  local: Map<string, Found>;
  /** Names that the disk takes for one. */
  alike(a: string, b: string): boolean;
  /** What could not be done in this round. */
  readonly problems: Map<string, Problem>;
  readonly device: string;
  isIgnored(name: string): boolean;
  /** So much more of this round is done. */
  advance(files: number): void;
}

/** What the vault's folder holds now, and what of it is left out by its name. */
export function vaultSide(site: Pick<Site, 'session' | 'top' | 'isIgnored'>): {
  readonly vault: Map<string, VaultEntry>;
  readonly ignored: string[];
} {
  const vault = new Map<string, VaultEntry>();
  const ignored: string[] = [];
  const waiting: { readonly path: string; readonly children: ReadonlyMap<string, Node> }[] = [
    { path: '', children: site.session.tree.children(site.top) },
  ];
  for (let folder = waiting.pop(); folder; folder = waiting.pop()) {
    for (const node of folder.children.values()) {
      if (isJunk(node.name) || isOwn(node.name)) continue;
      const path = joined(folder.path, node.name);
      if (site.isIgnored(node.name)) {
        ignored.push(path);
        continue;
      }
      vault.set(path, { kind: node.kind, id: node.id });
      if (node.children) waiting.push({ path, children: node.children });
    }
  }
  return { vault, ignored };
}

/** The vault's node at a path now. */
export function nodeAt({ session, top }: Pick<Site, 'session' | 'top'>, path: string): Node | undefined {
  let children: ReadonlyMap<string, Node> | null =
    top === null ? session.tree.root : (session.tree.get(top)?.children ?? null);
  let node: Node | undefined;
  for (const name of path.split('/')) {
    node = children?.get(name);
    children = node?.children ?? null;
  }
  return node;
}

/** The folder that what lies at a path belongs in; undefined when it is not there. */
export function folderFor(site: Pick<Site, 'session' | 'top'>, path: string): string | null | undefined {
  const folder = parentOf(path);
  if (folder === '') return site.top;
  const node = nodeAt(site, folder);
  return node?.kind === 'folder' ? node.id : undefined;
}

/** The path on the disk of what is, or shall be, at a path: folders there may be spelled in another way. */
export function diskPath({ local }: Pick<Site, 'local'>, path: string): string {
  const there = local.get(path);
  if (there) return there.disk;
  const folder = parentOf(path);
  const name = path.slice(folder === '' ? 0 : folder.length + 1);
  return folder === '' ? name : joinDisk(local.get(folder)?.disk ?? folder, name);
}

const joinDisk = (folder: string, name: string): string =>
  process.platform === 'win32' ? `${folder}\\${name}` : `${folder}/${name}`;

/** The chunks of an item of the vault, also of one in the bin; null when it is gone or cannot be read. */
export function chunksOf(session: Session, item: string): readonly ManifestChunk[] | null {
  try {
    return manifestOf(session, item);
  } catch {
    return null;
  }
}

/** Equal chunks are equal bytes: their ids are keyed digests. */
export const sameChunks = (a: readonly ManifestChunk[] | null, b: readonly ManifestChunk[]): boolean =>
  a !== null &&
  a.length === b.length &&
  a.every(({ id, plain }, i) => plain === b[i]?.plain && Buffer.compare(id, b[i]?.id ?? new Uint8Array()) === 0);

/** Both sides hold the same at a path now. */
export function agree(site: Site, path: string, id: string, found: Found): void {
  const { kind, print, mark } = found;
  const agreed: Agreed = { kind, id, print, mark };
  site.local.set(path, found);
  site.agreed.set(path, agreed);
}
