import { findMoves } from './moves.ts';
import type { Plan, Step } from './steps.ts';
import { above, isWithin, type Kind, parentOf, type Trees } from './trees.ts';

/**
 * What is to be done so that a directory of this computer and a folder of the vault hold the same, from what each holds now
 * and what both held when they last agreed. Pure; the same trees give the same plan, in an order in which it can be done:
 *
 * - changed on one side: goes to the other; changed on both: both contents are kept;
 * - deleted on one side and as it was on the other: goes to the bin, or from this computer;
 * - deleted on one side and changed on the other: the change stays;
 * - what is held is left alone, and no folder goes that holds something of it.
 *
 * A plan may be broken off after any step: what is left to do is told by comparing anew.
 */
export function reconcile(trees: Trees): Plan {
  const moves = findMoves(trees);
  if (moves.length > 0) return { steps: moves, gone: { vault: [], local: [] } };

  const { local, vault, agreed, held } = trees;
  const paths = [...new Set([...local.keys(), ...vault.keys(), ...agreed.keys()])]
    .filter((path) => !isWithin(held, path))
    .sort();
  const keeps = findKeepers(trees, paths);

  const notes: Step[] = [];
  /** Where one side has a file and the other a folder: nothing else is done before, for what was renamed may want to go there. */
  const first: Step[] = [];
  const removals: Step[] = [];
  const bins: Step[] = [];
  const folders: Step[] = [];
  const files: Step[] = [];
  const goneVault: string[] = [];
  const goneLocal: string[] = [];
  const binned = new Set<string>();
  const torn = new Set<string>();
  const cleared = new Set<string>();

  const bin = (path: string, to = bins): void => {
    to.push({ do: 'bin', path });
    binned.add(path);
  };
  const remove = (path: string, kind: Kind): void => {
    (isWithin(cleared, path) ? first : removals).push({ do: 'remove-local', path, kind });
    if (kind === 'file') goneLocal.push(path);
  };

  for (const path of paths) {
    const l = local.get(path);
    const v = vault.get(path);
    const a = agreed.get(path);
    const { lSame, vSame } = standing(trees, path);
    if (isWithin(binned, path)) {
      if (v?.kind === 'file' && a) goneVault.push(path);
      continue;
    }
    if (isWithin(torn, path)) continue;
    if (!l && !v) {
      if (a) notes.push({ do: 'forget', path });
    } else if (l && v && l.kind === v.kind) {
      if (l.kind === 'folder') {
        if (a?.kind !== 'folder' || !vSame || a.mark !== l.mark) notes.push({ do: 'agree', path });
      } else if (!lSame) files.push({ do: 'push', path });
      else if (!vSame) files.push({ do: 'pull', path });
    } else if (l && v) {
      if (lSame && !(l.kind === 'folder' && keeps.local.has(path))) {
        cleared.add(path);
        remove(path, l.kind);
        if (l.kind === 'file') torn.add(path);
      } else if (vSame && !(v.kind === 'folder' && keeps.vault.has(path))) {
        bin(path, first);
        if (v.kind === 'file') goneVault.push(path);
      } else {
        first.push({ do: 'set-aside', path });
        torn.add(path);
      }
    } else if (l) {
      if (l.kind === 'file') {
        if (lSame) remove(path, 'file');
        else files.push({ do: 'push', path });
      } else if (lSame && !keeps.local.has(path)) remove(path, 'folder');
      else folders.push({ do: 'make-vault', path });
    } else if (v) {
      if (vSame && !(v.kind === 'folder' && keeps.vault.has(path))) {
        bin(path);
        if (v.kind === 'file') goneVault.push(path);
      } else if (v.kind === 'folder') folders.push({ do: 'make-local', path });
      else files.push({ do: 'pull', path });
    }
  }
  const gone = { vault: goneVault, local: goneLocal };
  // What a folder holds goes before it.
  if (first.length > 0) return { steps: first.reverse(), gone };
  return { steps: [...notes, ...removals.reverse(), ...bins, ...folders, ...files], gone };
}

/** Whether either side is as it was agreed. A folder is, as long as it is a folder; in the vault, the same one. */
function standing({ local, vault, agreed }: Trees, path: string): { lSame: boolean; vSame: boolean } {
  const l = local.get(path);
  const v = vault.get(path);
  const a = agreed.get(path);
  return {
    lSame: a !== undefined && l?.kind === a.kind && (l.kind === 'folder' || l.print === a.print),
    vSame: a !== undefined && v?.kind === a.kind && v.id === a.id,
  };
}

/** Folders that hold something which stays although the folder is gone on the other side. */
function findKeepers(trees: Trees, paths: readonly string[]): Record<'local' | 'vault', Set<string>> {
  const keeps = { local: new Set<string>(), vault: new Set<string>() };
  for (const path of trees.held) {
    for (const folder of above(path)) {
      keeps.local.add(folder);
      keeps.vault.add(folder);
    }
  }
  // From below: in this order children come before what holds them.
  for (let i = paths.length - 1; i >= 0; i--) {
    const path = paths[i] as string;
    const l = trees.local.get(path);
    const v = trees.vault.get(path);
    const { lSame, vSame } = standing(trees, path);
    if (l && (v || !lSame || keeps.local.has(path))) keeps.local.add(parentOf(path));
    if (v && (l || !vSame || keeps.vault.has(path))) keeps.vault.add(parentOf(path));
  }
  return keeps;
}
