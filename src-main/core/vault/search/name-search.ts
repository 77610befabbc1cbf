import type { Node, Tree } from '../tree.ts';
import type { Wanted } from './query/parse.ts';
import { foldCodePoint, foldText, kindOf, kinds } from './text/fold.ts';

/** Names as they are compared, kept while unlocked: folding a hundred thousand of them anew would take longer than looking. */
export interface Names {
  /** Which of the wanted a name has, as bits, for every file and folder that has any. */
  find(tree: Tree, wanted: readonly Wanted[]): Map<Node, number>;
  folded(node: Node): string;
  forget(): void;
}

export function createNames(): Names {
  const known = new Map<string, { readonly name: string; readonly folded: string }>();

  const folded = (node: Node): string => {
    const now = known.get(node.id);
    // A renamed file shows here by itself: its name is all there is of it.
    if (now?.name === node.name) return now.folded;
    const made = foldText(node.name);
    known.set(node.id, { name: node.name, folded: made });
    return made;
  };

  return {
    folded,
    find(tree, wanted) {
      const hits = new Map<Node, number>();
      // "annual report" is in "annual-report.pdf" too.
      const words = wanted.map(({ inName }) => ({ inName, loose: /[^\p{L}\p{N}]/u.test(inName) ? loose(inName) : '' }));
      let live = 0;
      for (const node of tree.nodes()) {
        live++;
        const name = folded(node);
        let mask = 0;
        for (let i = 0; i < words.length; i++) {
          const word = words[i] as (typeof words)[number];
          if (word.inName === '') continue;
          if (name.includes(word.inName) || (word.loose !== '' && loose(name).includes(word.loose))) mask |= 1 << i;
        }
        if (mask !== 0) hits.set(node, mask);
      }
      // Of those that are gone.
      if (known.size > live * 2 + 1000) known.clear();
      return hits;
    },
    forget: () => known.clear(),
  };
}

const loose = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim();

/** How well a name fits one of the wanted: whole, its beginning, the beginning of a word of it, any part. */
export function nameScore(folded: string, inName: string): number {
  const at = folded.indexOf(inName);
  if (folded === inName || folded.replace(/\.[^.]{1,8}$/, '') === inName) return 10;
  if (at === 0) return 6;
  if (at > 0 && !/[\p{L}\p{N}]/u.test(folded[at - 1] ?? '')) return 5;
  return 3;
}

/** Where the wanted stand in a name as it is written (UTF-16 offsets, end exclusive), joined where they touch. */
export function nameMarks(name: string, wanted: readonly Wanted[]): [number, number][] {
  let folded = '';
  /** By unit of the folded name, where the character it came from begins; at the end the length of the name. */
  const from: number[] = [];
  let at = 0;
  for (const character of name) {
    const codePoint = character.codePointAt(0) ?? 0;
    const kind = kindOf(codePoint);
    const part = kind === kinds.gap ? character.toLowerCase() : kind === kinds.mark ? '' : foldCodePoint(codePoint);
    for (let i = 0; i < part.length; i++) from.push(at);
    folded += part;
    at += character.length;
  }
  from.push(name.length);
  const spans: [number, number][] = [];
  for (const { inName } of wanted) {
    if (inName === '') continue;
    for (let found = folded.indexOf(inName); found >= 0; found = folded.indexOf(inName, found + inName.length))
      spans.push([from[found] ?? 0, from[found + inName.length] ?? name.length]);
  }
  spans.sort((a, b) => a[0] - b[0]);
  const joined: [number, number][] = [];
  for (const span of spans) {
    const last = joined.at(-1);
    if (last && span[0] <= last[1]) last[1] = Math.max(last[1], span[1]);
    else joined.push(span);
  }
  return joined.filter(([start, end]) => end > start).slice(0, 20);
}
