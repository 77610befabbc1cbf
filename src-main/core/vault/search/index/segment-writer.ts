import { DictionaryWriter } from './dictionary.ts';
import { contentKeyBytes, encodeMeta, encodeRoot, type Group, type ItemEntry, type Page } from './meta.ts';
import { encodePositions, encodePostings } from './postings.ts';
import { SlotWriter } from './slot-writer.ts';
import { streams } from './slots.ts';
import { ByteWriter } from './varint.ts';

/** One term of a segment: see postings.ts for the numbers. */
export interface TermPostings {
  readonly term: string;
  readonly passages: ArrayLike<number>;
  readonly counts: ArrayLike<number>;
  readonly positions: ArrayLike<number>;
}

/** What a segment is written from: documents and their passages, in one order everywhere. */
export interface SegmentSource {
  readonly keys: Uint8Array;
  readonly docPassages: Uint32Array;
  readonly passageTerms: Uint16Array;
  readonly items: readonly ItemEntry[];
  /** Pages and their compressed bytes, in order. */
  pages(): Iterable<{ readonly page: Page; readonly packed: Uint8Array }>;
  /** Terms in the order of their UTF-16 units. */
  terms(): Iterable<TermPostings>;
  readonly replaces: readonly string[];
  readonly sequence: number;
}

/**
 * Write a segment; it is durable under its name when this returns.
 *
 * @param id 16 random bytes, never used before
 * @returns bytes of the file
 * @throws an error with code ENOSPC when the disk is full; nothing is left of it then
 */
export function writeSegment(path: string, indexKey: Uint8Array, id: Uint8Array, source: SegmentSource): number {
  if (source.keys.length !== source.docPassages.length * contentKeyBytes)
    throw new RangeError('keys and documents differ');
  const file = new SlotWriter(path, indexKey, id);
  try {
    const pages: Page[] = [];
    for (const { page, packed } of source.pages()) {
      pages.push(page);
      file.append(streams.text, packed);
    }
    const groups: Group[] = [];
    const entry = new ByteWriter();
    const dictionary = new DictionaryWriter(entry);
    const out = new ByteWriter();
    for (const { term, passages, counts, positions } of source.terms()) {
      const postingsAt = file.length(streams.postings);
      const positionsAt = file.length(streams.positions);
      out.clear();
      encodePostings(out, passages, counts);
      file.append(streams.postings, out.view());
      const postings = out.length;
      out.clear();
      encodePositions(out, counts, positions);
      file.append(streams.positions, out.view());
      const at = file.length(streams.dictionary);
      entry.clear();
      const df = passages.length;
      const first = dictionary.add({ term, df, postingsAt, postings, positionsAt, positions: out.length });
      if (first) groups.push({ first: term, at });
      file.append(streams.dictionary, entry.view());
    }
    const { keys, docPassages, passageTerms, items, replaces, sequence } = source;
    const written = [streams.dictionary, streams.postings, streams.positions, streams.text].map((id) => file.end(id));
    const meta = encodeMeta({ keys, docPassages, passageTerms, pages, groups, items, streams: written });
    file.append(streams.meta, meta.view());
    const { slots } = file.end(streams.meta);
    return file.finish(encodeRoot({ sequence, metaSlot: slots[0] ?? 0, metaLength: meta.length, replaces }));
  } catch (error) {
    file.discard();
    throw error;
  }
}
