import type { Term } from './dictionary.ts';
import { contentKeyBytes, type ItemEntry, type Page } from './meta.ts';
import { PageWriter } from './pages.ts';
import { keyOfDoc, type Segment } from './segment-reader.ts';
import type { SegmentSource, TermPostings } from './segment-writer.ts';

/** A segment to be merged: which of its documents are still of use, one byte each. */
export interface MergeInput {
  readonly segment: Segment;
  readonly live: Uint8Array;
}

/**
 * Several segments as one, without what no file has any more. Streams through them: besides a few bytes a passage, one term and one
 * page are in memory at a time. `reading` is told which one is read next.
 */
export function mergeSource(
  inputs: readonly MergeInput[],
  items: readonly ItemEntry[],
  reading: (segment: Segment) => void = () => {},
): SegmentSource {
  /** By input and old passage: its new number, or -1. */
  const moved = inputs.map(({ segment }) => new Int32Array(segment.passages));
  const docPassages: number[] = [];
  const passageTerms: number[] = [];
  const keys: Uint8Array[] = [];
  inputs.forEach(({ segment, live }, i) => {
    let last = -1;
    const numbers = moved[i] as Int32Array;
    for (let passage = 0; passage < segment.passages; passage++) {
      const doc = segment.docOf[passage] as number;
      if (!live[doc]) {
        numbers[passage] = -1;
        continue;
      }
      if (doc !== last) {
        keys.push(keyOfDoc(segment, doc));
        docPassages.push(segment.docPassages[doc] as number);
        last = doc;
      }
      numbers[passage] = passageTerms.length;
      passageTerms.push(segment.passageTerms[passage] as number);
    }
  });
  const allKeys = new Uint8Array(keys.length * contentKeyBytes);
  keys.forEach((key, i) => void allKeys.set(key, i * contentKeyBytes));

  function* pages(): Generator<{ page: Page; packed: Uint8Array }> {
    const done: { page: Page; packed: Uint8Array }[] = [];
    const writer = new PageWriter((page, packed) => void done.push({ page, packed: packed.slice() }));
    for (const [i, { segment }] of inputs.entries()) {
      reading(segment);
      let passage = 0;
      for (const texts of segment.texts()) {
        for (const text of texts) if ((moved[i]?.[passage++] ?? -1) >= 0) writer.add(text);
        yield* done.splice(0);
      }
    }
    writer.flush();
    writer.wipe();
    yield* done;
  }

  function* terms(): Generator<TermPostings> {
    const heads = inputs.map(({ segment }, i) => {
      reading(segment);
      const from = segment.termsFrom('');
      return { i, segment, from, term: next(from) };
    });
    const passages: number[] = [];
    const counts: number[] = [];
    const positions: number[] = [];
    for (;;) {
      let least: string | null = null;
      for (const { term } of heads) if (term && (least === null || term.term < least)) least = term.term;
      if (least === null) return;
      passages.length = counts.length = positions.length = 0;
      // In the order of the inputs, which is that of the new numbers.
      for (const head of heads) {
        if (head.term?.term !== least) continue;
        const { segment, term } = head;
        reading(segment);
        const numbers = moved[head.i] as Int32Array;
        const postings = segment.postings(term);
        const where = segment.positions(term, postings);
        let at = 0;
        for (let p = 0; p < postings.passages.length; p++) {
          const count = postings.counts[p] as number;
          const passage = numbers[postings.passages[p] as number] as number;
          if (passage >= 0) {
            passages.push(passage);
            counts.push(count);
            for (let n = 0; n < count; n++) positions.push(where[at + n] as number);
          }
          at += count;
        }
        head.term = next(head.from);
      }
      if (passages.length > 0) yield { term: least, passages, counts, positions };
    }
  }

  return {
    keys: allKeys,
    docPassages: Uint32Array.from(docPassages),
    passageTerms: Uint16Array.from(passageTerms),
    items,
    pages,
    terms,
    replaces: inputs.map(({ segment }) => segment.id),
    sequence: Math.max(0, ...inputs.map(({ segment }) => segment.sequence)),
  };
}

const next = (terms: Generator<Term>): Term | null => terms.next().value ?? null;
