import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { BlockCache } from './block-cache.ts';
import { readGroup, type Term } from './dictionary.ts';
import { contentKeyBytes, decodeMeta, decodeRoot, type ItemEntry } from './meta.ts';
import { readPage } from './pages.ts';
import { addPostings, decodePositions, decodePostings, type Postings } from './postings.ts';
import {
  createSlotSeal,
  decodeSegmentHeader,
  headerBytes,
  type StreamId,
  sealedSlotBytes,
  slotBytes,
  streams,
} from './slots.ts';
import { Damaged } from './varint.ts';

/** A segment opened for reading. Every reading method throws {@link Damaged} when its bytes are not what was written. */
export interface Segment {
  /** In hex. */
  readonly id: string;
  readonly keys: Uint8Array;
  readonly docs: number;
  readonly passages: number;
  /** All terms of all passages. */
  readonly length: number;
  readonly docOf: Uint32Array;
  readonly docPassages: Uint32Array;
  readonly passageTerms: Uint16Array;
  /** Where a passage begins in the terms of the segment; between documents is a gap of one, so that no phrase crosses it. */
  readonly passageStart: Uint32Array;
  readonly replaces: readonly string[];
  readonly sequence: number;
  readonly bytes: number;
  /** Handed out once: nobody needs it twice. */
  takeItems(): readonly ItemEntry[];
  find(term: string): Term | null;
  /** Terms from `from` on, in order. */
  termsFrom(from: string): Generator<Term>;
  postings(term: Term): Postings;
  /** Add how often each passage has the term to `counts`. @returns passages that had none before */
  addCounts(term: Term, counts: Uint32Array): number;
  /** Positions of every occurrence, counted from the beginning of its passage. */
  positions(term: Term, postings: Postings): Uint32Array;
  /** The text of a passage. */
  text(passage: number): string;
  /** The texts of all passages in order, page by page. */
  texts(): Generator<readonly string[]>;
  close(): void;
}

/** Blocks of one segment have keys within this of each other. */
const keysEach = 2 ** 32;
let opened = 0;

/** @throws Damaged when it is not a segment under this key; the system's error when the file cannot be read */
export function openSegment(path: string, indexKey: Uint8Array, cache: BlockCache): Segment {
  const fd = openSync(path, 'r');
  try {
    return open(fd, indexKey, cache);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

function open(fd: number, indexKey: Uint8Array, cache: BlockCache): Segment {
  const { size } = fstatSync(fd);
  const header = new Uint8Array(headerBytes);
  readFully(fd, header, 0);
  const id = decodeSegmentHeader(header);
  const seal = createSlotSeal(indexKey, id);
  const slots = (size - headerBytes) / sealedSlotBytes;
  if (!Number.isInteger(slots) || slots < 2) throw new Damaged('a segment of no whole slots');
  const keyBase = opened++ * keysEach;

  const sealed = new Uint8Array(sealedSlotBytes);
  const openSlot = (slot: number, stream: StreamId, block: number): Uint8Array => {
    readFully(fd, sealed, headerBytes + slot * sealedSlotBytes);
    return seal.open(slot, stream, block, sealed);
  };
  const root = decodeRoot(openSlot(slots - 1, streams.root, 0), slots - 1);
  const plainMeta = new Uint8Array(root.metaLength);
  for (let at = 0, block = 0; at < plainMeta.length; block++) {
    const plain = openSlot(root.metaSlot + block, streams.meta, block);
    plainMeta.set(plain.subarray(0, Math.min(slotBytes, plainMeta.length - at)), at);
    at += slotBytes;
  }
  const meta = decodeMeta(plainMeta, slots);
  plainMeta.fill(0);

  const read = (stream: StreamId, at: number, length: number): Uint8Array => {
    const { slots: where, length: whole } = meta.streams[stream] ?? { slots: [], length: 0 };
    if (at + length > whole) throw new Damaged('past the end of a stream');
    const out = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const block = Math.floor((at + done) / slotBytes);
      const slot = where[block] ?? 0;
      let plain = cache.get(keyBase + slot);
      if (!plain) {
        plain = openSlot(slot, stream, block);
        cache.put(keyBase + slot, plain);
      }
      const within = (at + done) % slotBytes;
      const n = Math.min(length - done, slotBytes - within);
      out.set(plain.subarray(within, within + n), done);
      done += n;
    }
    return out;
  };

  const { docPassages, passageTerms, groups, pages } = meta;
  const docOf = new Uint32Array(passageTerms.length);
  const passageStart = new Uint32Array(passageTerms.length);
  let length = 0;
  for (let doc = 0, passage = 0; doc < docPassages.length; doc++) {
    for (let n = docPassages[doc] as number; n > 0; n--, passage++) {
      docOf[passage] = doc;
      passageStart[passage] = length + doc;
      length += passageTerms[passage] as number;
    }
  }
  const pageAt = new Float64Array(pages.length);
  const pageFirst = new Uint32Array(pages.length);
  pages.forEach((page, i) => {
    if (i + 1 === pages.length) return;
    pageAt[i + 1] = (pageAt[i] as number) + page.packed;
    pageFirst[i + 1] = (pageFirst[i] as number) + page.passages;
  });
  /** The last group that begins at or before a term; -1 when all begin behind it. */
  const groupOf = (term: string): number => lastAtMost(groups.length, (i) => (groups[i]?.first ?? '') <= term);
  const readGroupAt = (i: number): Generator<Term> => {
    const at = groups[i]?.at ?? 0;
    const end = groups[i + 1]?.at ?? meta.streams[streams.dictionary]?.length ?? 0;
    return readGroup(read(streams.dictionary, at, end - at));
  };
  const readTexts = (i: number, only?: number): string[] => {
    const page = pages[i];
    if (!page) throw new Damaged('a page that is not there');
    return readPage(page, read(streams.text, pageAt[i] as number, page.packed), only);
  };
  let items: readonly ItemEntry[] = meta.items;

  return {
    id: Buffer.from(id).toString('hex'),
    keys: meta.keys,
    docs: docPassages.length,
    passages: passageTerms.length,
    length,
    docOf,
    docPassages,
    passageTerms,
    passageStart,
    replaces: root.replaces,
    sequence: root.sequence,
    bytes: size,
    takeItems() {
      const all = items;
      items = [];
      return all;
    },
    find(term) {
      const group = groupOf(term);
      if (group < 0) return null;
      for (const one of readGroupAt(group)) if (one.term >= term) return one.term === term ? one : null;
      return null;
    },
    *termsFrom(from) {
      for (let group = Math.max(0, groupOf(from)); group < groups.length; group++)
        for (const one of readGroupAt(group)) if (one.term >= from) yield one;
    },
    postings: ({ df, postingsAt, postings }) =>
      decodePostings(read(streams.postings, postingsAt, postings), df, passageTerms.length),
    addCounts: ({ df, postingsAt, postings }, counts) =>
      addPostings(read(streams.postings, postingsAt, postings), df, counts),
    positions: ({ positionsAt, positions }, { counts }) =>
      decodePositions(read(streams.positions, positionsAt, positions), counts),
    text(passage) {
      const page = lastAtMost(pages.length, (i) => (pageFirst[i] as number) <= passage);
      const [text] = readTexts(page, passage - (pageFirst[page] ?? 0));
      if (text === undefined) throw new Damaged('a passage that is not there');
      return text;
    },
    *texts() {
      for (let i = 0; i < pages.length; i++) yield readTexts(i);
    },
    close() {
      cache.dropBetween(keyBase, keyBase + keysEach);
      closeSync(fd);
    },
  };
}

/** The greatest index below `length` for which `holds`, which holds for none behind the first for which it does not; or -1. */
function lastAtMost(length: number, holds: (i: number) => boolean): number {
  let low = -1;
  let high = length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function readFully(fd: number, target: Uint8Array, position: number): void {
  for (let at = 0; at < target.length; ) {
    const n = readSync(fd, target, at, target.length - at, position + at);
    if (n === 0) throw new Damaged('a segment is cut off');
    at += n;
  }
}

export const keyOfDoc = (segment: Pick<Segment, 'keys'>, doc: number): Uint8Array =>
  segment.keys.subarray(doc * contentKeyBytes, (doc + 1) * contentKeyBytes);
