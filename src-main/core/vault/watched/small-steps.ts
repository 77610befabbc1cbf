import { commitOne, newItemId } from '../commit.ts';
import { editNodes } from '../edit.ts';
import type { Node } from '../tree.ts';
import { MovedOn } from './local/disk.ts';
import type { Found } from './local/scan.ts';
import { conflictName } from './plan/conflict-name.ts';
import { isJunk } from './plan/ignore.ts';
import type { Step } from './plan/steps.ts';
import { joined, moveWithin, nameOf, parentOf, subtree } from './plan/trees.ts';
import { problems } from './problem.ts';
import { agree, diskPath, folderFor, nodeAt, type Site } from './site.ts';

/** All but the bytes of files: names, folders, deletions. */
export type SmallStep = Exclude<Step, { readonly do: 'push' | 'pull' }>;

/**
 * Do one. It is left when things are not as they were planned on, and noted where the computer says no. What both sides then agree on
 * is written down by the caller, once the directories are durable.
 *
 * @returns true when it was done
 */
export async function doSmall(site: Site, step: SmallStep): Promise<boolean> {
  const path = 'path' in step ? step.path : step.to;
  try {
    return await attempt(site, step);
  } catch (error) {
    if (error instanceof MovedOn) return false;
    const code = (error as NodeJS.ErrnoException).code;
    // The system's refusals have an errno; what the vault says goes up, and so does a disk that is full.
    if (code === undefined || code === 'ENOSPC' || !('errno' in (error as object))) throw error;
    site.problems.set(path, problems.unwritable(path, code));
    return false;
  }
}

async function attempt(site: Site, step: SmallStep): Promise<boolean> {
  const { disk, local, agreed } = site;
  switch (step.do) {
    case 'forget':
      agreed.remove(step.path);
      return true;
    case 'agree':
      return noteFolder(site, step.path);
    case 'make-local': {
      if (nodeAt(site, step.path)?.kind !== 'folder') return false;
      const to = diskPath(site, step.path);
      disk.makeFolder(to);
      local.set(step.path, folderFound(disk.markOfFolder(to), to));
      return noteFolder(site, step.path);
    }
    case 'make-vault':
      return makeInVault(site, step.path);
    case 'move-local':
      return moveHere(site, step.from, step.to);
    case 'move-vault':
      return moveInVault(site, step.from, step.to);
    case 'set-aside':
      return setAside(site, step.path);
    case 'remove-local': {
      const there = local.get(step.path);
      if (!there || nodeAt(site, step.path)?.kind === step.kind) return false;
      if (step.kind === 'folder') disk.removeFolder(there.disk);
      else if (agreed.tree.get(step.path)?.print === there.print) disk.remove(there.disk, there);
      else return false;
      local.delete(step.path);
      agreed.remove(step.path);
      return true;
    }
    case 'bin':
      return bin(site, step.path);
  }
}

const folderFound = (mark: string, disk: string): Found => ({
  ...{ kind: 'folder', print: '', mark, disk, size: 0, modified: 0 },
});

function noteFolder(site: Site, path: string): boolean {
  const node = nodeAt(site, path);
  const found = site.local.get(path);
  if (node?.kind !== 'folder' || found?.kind !== 'folder') return false;
  agree(site, path, node.id, found);
  return true;
}

async function makeInVault(site: Site, path: string): Promise<boolean> {
  const { core, session } = site;
  const parent = folderFor(site, path);
  const found = site.local.get(path);
  if (parent === undefined || found?.kind !== 'folder' || site.disk.markOfFolder(found.disk) === '') return false;
  const node = await commitOne(core, session, {
    ...{ id: newItemId(core), parent, name: nameOf(path), modified: found.modified, clash: 'both', stored: null },
    over: null,
  });
  return node !== null && noteFolder(site, path);
}

function moveHere(site: Site, from: string, to: string): boolean {
  const { disk, local, agreed } = site;
  const there = local.get(from);
  const known = agreed.tree.get(from);
  if (!there || !known || nodeAt(site, to)?.id !== known.id) return false;
  const target = diskPath(site, to);
  disk.move(there.disk, target, site.alike(there.disk, target));
  moveWithin(local, from, to);
  respell(site, to, there.disk, target);
  agreed.moveWithin(from, to);
  // Another name is another print, of the same bytes: as long as nobody wrote to it since it was looked at.
  const now = there.kind === 'file' ? disk.seenAt(target) : null;
  if (now && now.mark === there.mark) {
    local.set(to, { ...there, disk: target, print: now.print });
    if (known.print === there.print) agreed.set(to, { ...known, print: now.print });
  }
  return true;
}

/** What lay below a directory lies below its new name. */
function respell({ local }: Site, top: string, from: string, to: string): void {
  for (const [path, found] of [...subtree(local, top)]) {
    local.set(path, { ...found, disk: to + found.disk.slice(from.length) });
  }
}

function moveInVault(site: Site, from: string, to: string): boolean {
  const { core, session, disk, local, agreed } = site;
  const known = agreed.tree.get(from);
  const there = local.get(to);
  const node = nodeAt(site, from);
  const parent = folderFor(site, to);
  if (!known || !there || node?.kind !== known.kind || parent === undefined || nodeAt(site, to)) return false;
  const mark = there.kind === 'file' ? disk.seenAt(there.disk)?.mark : disk.markOfFolder(there.disk);
  if (mark !== known.mark) return false;
  editNodes(core, session, [node], (one) => {
    one.parent = parent;
    one.name = nameOf(to);
  });
  agreed.moveWithin(from, to);
  if (there.kind === 'file') agreed.set(to, { ...known, print: there.print });
  return true;
}

function setAside(site: Site, path: string): boolean {
  const { disk, local, core } = site;
  const there = local.get(path);
  if (!there) return false;
  const folder = parentOf(path);
  const at = new Date(core.deps.host.now());
  const stem = conflictName(nameOf(path), site.device, at);
  for (let n = 1; n < 1000; n++) {
    const name = n === 1 ? stem : stem.replace(/\)(\.[^.]{1,16})?$/, (end) => ` ${n}${end}`);
    const to = joined(folder, name);
    const target = diskPath(site, to);
    if (local.has(to) || nodeAt(site, to)) continue;
    try {
      disk.move(there.disk, target, false);
    } catch (error) {
      if (!disk.isThere(target)) throw error;
      continue;
    }
    moveWithin(local, path, to);
    respell(site, to, there.disk, target);
    // Its print is another now: it is new, and looked at as such.
    const now = there.kind === 'file' ? disk.seenAt(target) : null;
    if (now) local.set(to, { ...there, ...now, disk: target });
    return true;
  }
  return false;
}

function bin(site: Site, path: string): boolean {
  const { core, session, agreed, disk, local } = site;
  const node = nodeAt(site, path);
  if (!node) return false;
  // As agreed, all of it: what somebody did in the vault meanwhile stays.
  const isKnown = (at: string, one: Node): boolean => {
    if (agreed.tree.get(at)?.id !== one.id) return isJunk(one.name);
    return [...(one.children?.values() ?? [])].every((child) => isKnown(joined(at, child.name), child));
  };
  if (agreed.tree.get(path)?.id !== node.id || !isKnown(path, node)) return false;
  // Somebody put something there since it was looked at.
  if (!local.has(path) && disk.isThere(diskPath(site, path))) return false;
  const at = core.deps.host.now();
  editNodes(core, session, [node], (one) => {
    one.binnedAt = at;
  });
  agreed.removeWithin(path);
  return true;
}
