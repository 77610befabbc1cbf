import type { Node, Tree } from '../tree.ts';
import type { Found } from './index/evaluate.ts';
import type { Known } from './known.ts';
import { type Names, nameScore } from './name-search.ts';
import type { Filters, Query, Wanted } from './query/parse.ts';
import { isOfType } from './query/types.ts';
import type { PassageRef } from './work/searcher.ts';

export interface Hit {
  readonly node: Node;
  /** Greater is better; comparable within one answer only. */
  readonly score: number;
  /** Where everything that was looked for is: in the name alone, in the text alone, or some of it in each. */
  readonly where: 'name' | 'text' | 'both';
  readonly passage: PassageRef | null;
}

/** A name that has all of it comes before texts that do. */
const wholeName = 20;

/**
 * Names and texts together: a file has a word when it is in either. `folders` and `notFolders` are the filters' as nodes; null stands
 * for one that is not there, in which nothing is.
 */
export function combine(
  tree: Tree,
  known: Known,
  names: Names,
  query: Query,
  found: readonly Found[],
  inFolder: (node: Node) => boolean,
): Hit[] {
  const wanted = [...query.all, ...query.none];
  const full = query.all.length === 0 ? 0 : 2 ** query.all.length - 1;
  const barred = wanted.length === 0 ? 0 : (2 ** wanted.length - 1) & ~full;
  const inNames = names.find(tree, wanted);
  const passes = filter(tree, names, query.filters, inFolder);
  const hits: Hit[] = [];
  const done = new Set<Node>();
  const nameOf = (node: Node, mask: number): number =>
    mask === 0 ? 0 : scoreName(names.folded(node), query.all, mask) + ((mask & full) === full ? wholeName : 0);

  for (const { segment, mask, score, best } of found) {
    const owners = known.segments.get(segment)?.owners ?? [];
    for (let doc = 0; doc < mask.length; doc++) {
      const inText = mask[doc] as number;
      if (inText === 0) continue;
      const owner = owners[doc];
      if (owner === undefined) continue;
      // Most that have one word of several have the others nowhere: told before anything is looked up.
      if ((inText & full) !== full && inNames.size === 0) continue;
      for (const item of typeof owner === 'string' ? [owner] : owner) {
        const node = tree.get(item);
        if (!node) continue;
        const inName = inNames.get(node) ?? 0;
        const both = inText | inName;
        if ((both & full) !== full || (both & barred) !== 0) {
          if ((both & barred) !== 0) done.add(node);
          continue;
        }
        if (full === 0 || !passes(node)) continue;
        done.add(node);
        const named = (inName & full) === full;
        const where = (inText & full) === 0 ? 'name' : named || (inText & full) !== full ? 'both' : 'text';
        const passage = (inText & full) === 0 ? null : { segment, passage: best[doc] as number };
        hits.push({ node, score: (score[doc] as number) + nameOf(node, inName), where, passage });
      }
    }
  }
  if (full !== 0) {
    for (const [node, mask] of inNames) {
      if ((mask & full) !== full || (mask & barred) !== 0 || done.has(node) || !passes(node)) continue;
      hits.push({ node, score: nameOf(node, mask), where: 'name', passage: null });
    }
    return hits;
  }
  // Nothing to look for but what to leave out, and filters: everything else that passes them.
  if (query.none.length === 0 && !filters(query.filters)) return [];
  for (const node of tree.nodes()) {
    if (done.has(node) || ((inNames.get(node) ?? 0) & barred) !== 0 || !passes(node)) continue;
    hits.push({ node, score: 0, where: 'name', passage: null });
  }
  return hits;
}

const filters = (f: Filters): boolean =>
  f.names.length + f.types.length + f.notTypes.length + f.folders.length + f.notFolders.length > 0 ||
  f.from !== null ||
  f.to !== null;

function filter(tree: Tree, names: Names, f: Filters, inFolder: (node: Node) => boolean): (node: Node) => boolean {
  // Of many hits most lie in few folders: walked up once for each.
  const binned = new Map<string | null, boolean>([[null, false]]);
  const inBin = (node: Node): boolean => {
    if (node.binnedAt !== null) return true;
    let known = binned.get(node.parent);
    if (known === undefined) {
      known = tree.inBin(node);
      binned.set(node.parent, known);
    }
    return known;
  };
  if (!filters(f)) return (node) => !inBin(node);
  return (node) =>
    f.names.every((part) => names.folded(node).includes(part)) &&
    (f.types.length === 0 || f.types.some((type) => isOfType(type, node))) &&
    !f.notTypes.some((type) => isOfType(type, node)) &&
    (f.from === null || node.modified >= f.from) &&
    (f.to === null || node.modified < f.to) &&
    inFolder(node) &&
    !inBin(node);
}

function scoreName(folded: string, wanted: readonly Wanted[], mask: number): number {
  let score = 0;
  wanted.forEach(({ inName }, i) => {
    if ((mask & (1 << i)) !== 0) score += nameScore(folded, inName);
  });
  return score;
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** The hits from `offset` on, best first; equal ones by name, then by id, so that pages never overlap. */
export function pageOf(hits: readonly Hit[], offset: number, limit: number): Hit[] {
  const end = offset + limit;
  let candidates = hits;
  if (hits.length > end * 4) {
    // Comparing names is slow: only of those that can be on the page.
    const scores = Float64Array.from(hits, ({ score }) => score).sort();
    const least = scores[scores.length - end] ?? 0;
    const above = hits.filter(({ score }) => score >= least);
    candidates = above;
  }
  return candidates
    .toSorted(
      (a, b) => b.score - a.score || collator.compare(a.node.name, b.node.name) || (a.node.id < b.node.id ? -1 : 1),
    )
    .slice(offset, end);
}
