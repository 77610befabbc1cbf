import { passageEnds } from '../text/passages.ts';
import { eachToken } from '../text/tokens.ts';
import { contentKeyBytes, type ItemEntry, type Page } from './meta.ts';
import { PageWriter } from './pages.ts';
import type { SegmentSource, TermPostings } from './segment-writer.ts';

/** A segment in the making: documents are added, then it is written as a whole. */
export interface Builder {
  /** A content that the index does not have yet. @returns its passages; 0 when there is no word in it, and nothing was added */
  addText(key: Uint8Array, text: string): number;
  addItem(entry: ItemEntry): void;
  /** Terms so far: what its memory goes with (about 8 bytes each, besides the words). */
  terms(): number;
  items(): number;
  source(sequence: number): SegmentSource;
}

export function createBuilder(): Builder {
  const ids = new Map<string, number>();
  let sequence = new Uint32Array(1 << 16);
  let length = 0;
  const keys: Uint8Array[] = [];
  const docPassages: number[] = [];
  const passageTerms: number[] = [];
  const items: ItemEntry[] = [];
  const pages: { page: Page; packed: Uint8Array }[] = [];
  const pageWriter = new PageWriter((page, packed) => void pages.push({ page, packed: packed.slice() }));

  const push = (term: string): void => {
    let id = ids.get(term);
    if (id === undefined) {
      id = ids.size;
      // A slice of a large text would keep all of it.
      ids.set(Buffer.from(term, 'utf16le').toString('utf16le'), id);
    }
    if (length === sequence.length) {
      const grown = new Uint32Array(length * 2);
      grown.set(sequence);
      sequence = grown;
    }
    sequence[length++] = id;
  };

  return {
    addText(key, text) {
      if (key.length !== contentKeyBytes) throw new RangeError('a content key of another length');
      const plain = text.normalize('NFC');
      let start = 0;
      let passages = 0;
      for (const end of passageEnds(plain)) {
        const passage = plain.slice(start, end);
        start = end;
        const before = length;
        eachToken(passage, push);
        if (length === before) continue;
        passageTerms.push(length - before);
        pageWriter.add(passage);
        passages++;
      }
      if (passages === 0) return 0;
      keys.push(key);
      docPassages.push(passages);
      return passages;
    },
    addItem: (entry) => void items.push(entry),
    terms: () => length,
    items: () => items.length,
    source(order) {
      pageWriter.flush();
      pageWriter.wipe();
      const terms = [...ids.keys()].sort();
      // Occurrences by term, in the order of the text: a counting sort.
      const starts = new Uint32Array(ids.size + 1);
      for (let i = 0; i < length; i++)
        starts[(sequence[i] as number) + 1] = (starts[(sequence[i] as number) + 1] ?? 0) + 1;
      for (let i = 1; i < starts.length; i++) starts[i] = (starts[i] as number) + (starts[i - 1] as number);
      const next = starts.slice();
      const places = new Uint32Array(length);
      for (let i = 0; i < length; i++) {
        const id = sequence[i] as number;
        places[next[id] as number] = i;
        next[id] = (next[id] as number) + 1;
      }
      const passageStarts = new Uint32Array(passageTerms.length + 1);
      passageTerms.forEach((n, i) => {
        passageStarts[i + 1] = (passageStarts[i] as number) + n;
      });
      // Passage of every occurrence: one walk along the text.
      const passageOf = new Uint32Array(length);
      for (let passage = 0; passage < passageTerms.length; passage++)
        passageOf.fill(passage, passageStarts[passage], passageStarts[passage + 1]);

      function* all(): Generator<TermPostings> {
        const passages: number[] = [];
        const counts: number[] = [];
        const positions: number[] = [];
        for (const term of terms) {
          const id = ids.get(term) as number;
          passages.length = counts.length = positions.length = 0;
          let last = -1;
          for (let i = starts[id] as number; i < (starts[id + 1] as number); i++) {
            const place = places[i] as number;
            const passage = passageOf[place] as number;
            if (passage !== last) {
              passages.push(passage);
              counts.push(0);
              last = passage;
            }
            counts[counts.length - 1] = (counts.at(-1) as number) + 1;
            positions.push(place - (passageStarts[passage] as number));
          }
          yield { term, passages, counts, positions };
        }
      }
      const allKeys = new Uint8Array(keys.length * contentKeyBytes);
      keys.forEach((key, i) => void allKeys.set(key, i * contentKeyBytes));
      return {
        keys: allKeys,
        docPassages: Uint32Array.from(docPassages),
        passageTerms: Uint16Array.from(passageTerms),
        items,
        pages: () => pages,
        terms: all,
        replaces: [],
        sequence: order,
      };
    },
  };
}
