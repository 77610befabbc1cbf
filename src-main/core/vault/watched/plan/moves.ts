import type { Step } from './steps.ts';
import { above, depthOf, isBelow, isWithin, type Kind, type Trees } from './trees.ts';

interface Candidate {
  readonly do: 'move-vault' | 'move-local';
  readonly from: string;
  readonly to: string;
}

/**
 * What was renamed on one side, to be renamed on the other. In the vault the id tells; on this computer the mark of what is new
 * and of what is gone. What cannot be told is a deletion and something new, which costs no bytes, for chunks are stored once.
 *
 * The moves of one answer do not touch each other; when these are done there may be more.
 */
export function findMoves(trees: Trees): Step[] {
  const candidates = [...movedInVault(trees), ...movedHere(trees)].sort((a, b) => depthOf(a.to) - depthOf(b.to));
  const targets = new Set(candidates.map(({ to }) => to));
  const touched = new Set<string>();
  const aboveTouched = new Set<string>();
  const isFree = (path: string): boolean => !isWithin(touched, path) && !aboveTouched.has(path);
  const steps: Step[] = [];
  for (const move of candidates) {
    const make = waysTo(trees, move);
    if (!make || above(move.to).some((folder) => targets.has(folder))) continue;
    if (!isFree(move.from) || !isFree(move.to)) continue;
    for (const path of [move.from, move.to]) {
      touched.add(path);
      for (const folder of above(path)) aboveTouched.add(folder);
    }
    for (const path of make) steps.push({ do: move.do === 'move-local' ? 'make-local' : 'make-vault', path });
    steps.push(move);
  }
  return dropTwice(steps);
}

function* movedInVault({ local, vault, agreed, held }: Trees): Generator<Candidate> {
  const known = new Map<string, string>();
  for (const [path, { id }] of agreed) if (vault.get(path)?.id !== id) known.set(id, path);
  if (known.size === 0) return;
  for (const [to, { id, kind }] of vault) {
    const from = known.get(id);
    if (from === undefined || from === to || agreed.has(to) || local.has(to)) continue;
    if (local.get(from)?.kind !== kind || agreed.get(from)?.kind !== kind || !isApart(from, to)) continue;
    // Something else took the old name: what lies there by now may have come from it.
    if (vault.has(from) && kind === 'file' && local.get(from)?.print !== agreed.get(from)?.print) continue;
    if (!isWithin(held, from) && !isWithin(held, to)) yield { do: 'move-local', from, to };
  }
}

function* movedHere({ local, vault, agreed, held }: Trees): Generator<Candidate> {
  // Two of one mark are two names of one file: which of them was meant cannot be told.
  const missing = new Map<string, string | null>();
  for (const [path, { mark, kind }] of agreed) {
    if (mark === '' || local.get(path)?.mark === mark) continue;
    if (vault.get(path)?.kind !== kind) continue;
    if (!local.has(path) || vault.get(path)?.id === agreed.get(path)?.id)
      missing.set(mark, missing.has(mark) ? null : path);
  }
  if (missing.size === 0) return;
  const found = new Map<string, { readonly to: string; readonly kind: Kind } | null>();
  for (const [to, { mark, kind }] of local) {
    if (missing.get(mark)) found.set(mark, found.has(mark) ? null : { to, kind });
  }
  for (const [mark, new_] of found) {
    const from = missing.get(mark);
    if (!from || !new_ || agreed.has(new_.to) || vault.has(new_.to)) continue;
    if (agreed.get(from)?.kind !== new_.kind || !isApart(from, new_.to)) continue;
    if (!isWithin(held, from) && !isWithin(held, new_.to)) yield { do: 'move-vault', from, to: new_.to };
  }
}

const isApart = (a: string, b: string): boolean => !isBelow(a, b) && !isBelow(b, a);

/** The folders to be made on the way to where it goes; null when something else lies there. */
function waysTo({ local, vault, held }: Trees, { do: what, to }: Candidate): string[] | null {
  const [here, there] = what === 'move-local' ? [local, vault] : [vault, local];
  const make: string[] = [];
  for (const folder of above(to)) {
    const kind = here.get(folder)?.kind;
    if (kind === 'file' || held.has(folder) || there.get(folder)?.kind !== 'folder') return null;
    if (kind === undefined) make.push(folder);
  }
  return make;
}

/** Two moves into one new folder make it once. */
function dropTwice(steps: readonly Step[]): Step[] {
  const made = new Set<string>();
  return steps.filter((step) => {
    if (step.do !== 'make-local' && step.do !== 'make-vault') return true;
    const key = `${step.do} ${step.path}`;
    return !made.has(key) && made.add(key);
  });
}
