import { type Clause, occurrences } from './occurrences.ts';
import type { Postings } from './postings.ts';
import type { Segment } from './segment-reader.ts';

/** More than this many things are not looked for at once: each is a bit of a number. */
export const mostClauses = 24;

/** What was found in one segment, by document. */
export interface Found {
  readonly segment: string;
  /** Bit i: it has what clause i looks for. */
  readonly mask: Uint32Array;
  /** Of its best passage, a little more where several have something; 0 for none. */
  readonly score: Float32Array;
  readonly best: Uint32Array;
}

/** Constants of BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009). */
const k1 = 1.2;
const b = 0.75;

/**
 * Look for clauses in all segments. Passages are ranked by BM25 over all segments together, documents by their best passage.
 * `weights`: by clause how much it counts; 0 for what is only to be known of (to leave out).
 */
export function evaluate(
  segments: readonly Segment[],
  clauses: readonly Clause[],
  weights: readonly number[],
  damaged: (segment: Segment, error: unknown) => void,
): Found[] {
  const good = new Map(segments.map((segment) => [segment, [] as Postings[]]));
  for (const clause of clauses.slice(0, mostClauses)) {
    for (const [segment, lists] of good) {
      try {
        lists.push(occurrences(segment, clause));
      } catch (error) {
        good.delete(segment);
        damaged(segment, error);
      }
    }
  }
  let passages = 0;
  let length = 0;
  for (const segment of good.keys()) {
    passages += segment.passages;
    length += segment.length;
  }
  const average = passages === 0 ? 1 : length / passages;
  const rarity = clauses.map((_, i) => {
    let df = 0;
    for (const lists of good.values()) df += lists[i]?.passages.length ?? 0;
    return Math.log(1 + (passages - df + 0.5) / (df + 0.5));
  });
  return [...good].map(([segment, lists]) => rank(segment, lists, rarity, weights, average));
}

/** One for all searches of a thread: of a large index it is the largest thing that a search needs. */
let room = new Float32Array(0);
function scratch(length: number): Float32Array {
  if (room.length < length) room = new Float32Array(length);
  return room.subarray(0, length).fill(0);
}

function rank(
  segment: Segment,
  lists: readonly Postings[],
  rarity: readonly number[],
  weights: readonly number[],
  average: number,
): Found {
  const { docOf, passageTerms } = segment;
  const mask = new Uint32Array(segment.docs);
  const score = new Float32Array(segment.docs);
  const best = new Uint32Array(segment.docs);
  const ofPassage = scratch(segment.passages);
  lists.forEach(({ passages, counts }, clause) => {
    const weight = (rarity[clause] ?? 0) * (weights[clause] ?? 0);
    const bit = 1 << clause;
    for (let i = 0; i < passages.length; i++) {
      const passage = passages[i] as number;
      const doc = docOf[passage] as number;
      mask[doc] = (mask[doc] as number) | bit;
      if (weight === 0) continue;
      const tf = counts[i] as number;
      const long = 1 - b + (b * (passageTerms[passage] as number)) / average;
      ofPassage[passage] = (ofPassage[passage] as number) + (weight * tf * (k1 + 1)) / (tf + k1 * long);
    }
  });
  // How much all its passages have together counts a little, so that a file about something comes before one that mentions it.
  const sum = new Float32Array(segment.docs);
  for (let passage = 0; passage < ofPassage.length; passage++) {
    const here = ofPassage[passage] as number;
    if (here === 0) continue;
    const doc = docOf[passage] as number;
    sum[doc] = (sum[doc] as number) + here;
    if (here > (score[doc] as number)) {
      score[doc] = here;
      best[doc] = passage;
    }
  }
  for (let doc = 0; doc < score.length; doc++) {
    const top = score[doc] as number;
    if (top > 0) score[doc] = top * (1 + 0.1 * Math.log((sum[doc] as number) / top));
  }
  return { segment: segment.id, mask, score, best };
}
