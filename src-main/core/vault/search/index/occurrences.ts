import type { QueryTerm } from '../text/tokens.ts';
import type { Term } from './dictionary.ts';
import type { Postings } from './postings.ts';
import type { Segment } from './segment-reader.ts';

/** One thing to look for: terms that stand one behind the other, of which the last may be the beginning of a word. */
export interface Clause {
  readonly terms: readonly QueryTerm[];
  /** The last term may go on. */
  readonly prefix: boolean;
}

/** Words that a beginning may stand for, and postings of all of them together, per segment: a bound for "a*". */
const mostWords = 4000;
const mostPostings = 1_000_000;

/** Passages that have what a clause looks for, ascending, and how often. */
export function occurrences(segment: Segment, { terms, prefix }: Clause): Postings {
  const [only] = terms;
  if (terms.length === 1 && only) {
    if (prefix || only.prefix) return anyOf(segment, wordsFrom(segment, only.term));
    const term = segment.find(only.term);
    return term ? segment.postings(term) : nowhere;
  }
  return phrase(segment, terms, prefix);
}

const nowhere: Postings = { passages: new Uint32Array(0), counts: new Uint32Array(0) };

/** The words that begin like this, as many as are looked at. */
function wordsFrom(segment: Segment, beginning: string): Term[] {
  const words: Term[] = [];
  let postings = 0;
  for (const term of segment.termsFrom(beginning)) {
    if (!term.term.startsWith(beginning)) break;
    words.push(term);
    postings += term.df;
    if (words.length >= mostWords || postings >= mostPostings) break;
  }
  return words;
}

function anyOf(segment: Segment, words: readonly Term[]): Postings {
  const [first, second] = words;
  if (!first) return nowhere;
  if (!second) return segment.postings(first);
  const counts = new Uint32Array(segment.passages);
  let found = 0;
  for (const word of words) found += segment.addCounts(word, counts);
  const passages = new Uint32Array(found);
  const out = new Uint32Array(found);
  let at = 0;
  for (let passage = 0; at < found; passage++) {
    if (counts[passage] === 0) continue;
    passages[at] = passage;
    out[at++] = counts[passage] as number;
  }
  return { passages, counts: out };
}

/** Where words stand in the terms of the segment, ascending. */
function places(segment: Segment, words: readonly Term[]): Uint32Array {
  const lists = words.map((word) => {
    const postings = segment.postings(word);
    const positions = segment.positions(word, postings);
    let at = 0;
    for (let i = 0; i < postings.passages.length; i++) {
      const start = segment.passageStart[postings.passages[i] as number] as number;
      for (let n = postings.counts[i] as number; n > 0; n--, at++) positions[at] = (positions[at] as number) + start;
    }
    return positions;
  });
  const [first, second] = lists;
  if (!first) return new Uint32Array(0);
  if (!second) return first;
  const all = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}

function phrase(segment: Segment, terms: readonly QueryTerm[], prefix: boolean): Postings {
  const words = terms.map((one, i): Term[] => {
    if (one.prefix || (prefix && i === terms.length - 1)) return wordsFrom(segment, one.term);
    const term = segment.find(one.term);
    return term ? [term] : [];
  });
  if (words.some((list) => list.length === 0)) return nowhere;
  // The rarest first: what it rules out is never asked of the others.
  const order = terms
    .map(({ at }, i) => ({ at, words: words[i] as Term[], df: (words[i] as Term[]).reduce((sum, t) => sum + t.df, 0) }))
    .sort((a, b) => a.df - b.df);
  let starts: Uint32Array | null = null;
  for (const one of order) {
    const where = places(segment, one.words);
    starts = starts === null ? shifted(where, one.at) : kept(starts, where, one.at);
    if (starts.length === 0) return nowhere;
  }
  return inPassages(segment, starts ?? new Uint32Array(0));
}

const shifted = (where: Uint32Array, by: number): Uint32Array =>
  where.filter((place) => place >= by).map((p) => p - by);

/** Those starts that have a place `by` behind them; both ascend. */
function kept(starts: Uint32Array, where: Uint32Array, by: number): Uint32Array {
  let j = 0;
  return starts.filter((start) => {
    while (j < where.length && (where[j] as number) < start + by) j++;
    return where[j] === start + by;
  });
}

function inPassages(segment: Segment, starts: Uint32Array): Postings {
  const passages: number[] = [];
  const counts: number[] = [];
  const { passageStart } = segment;
  let passage = 0;
  for (const start of starts) {
    while (passage + 1 < passageStart.length && (passageStart[passage + 1] as number) <= start) passage++;
    if (passages.at(-1) === passage) counts[counts.length - 1] = (counts.at(-1) as number) + 1;
    else {
      passages.push(passage);
      counts.push(1);
    }
  }
  return { passages: Uint32Array.from(passages), counts: Uint32Array.from(counts) };
}
