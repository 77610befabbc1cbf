import { type Codec, codecs, maxChunkBytes } from '../../format/chunk.ts';
import type { WrittenStream } from './slot-writer.ts';
import { slotBytes } from './slots.ts';
import { ByteReader, ByteWriter, Damaged } from './varint.ts';

/** A content's key: 16 bytes that follow from its chunks. What is stored twice is indexed once. */
export const contentKeyBytes = 16;

/** What became of reading a file. All but `text` have no words in the index; their names are found all the same. */
export const outcomes = ['text', 'none', 'unreadable', 'too-large'] as const;
export type Outcome = (typeof outcomes)[number];

/** What the index knows of a file of the vault: which content it has, as of which row of the catalogue. */
export interface ItemEntry {
  readonly item: string;
  /** The first 6 bytes of the sealed manifest row as a number: its nonce, so another whenever the row was written anew. */
  readonly stamp: number;
  readonly outcome: Outcome;
  /** {@link contentKeyBytes} as Latin-1 text; empty unless the outcome is `text`. */
  readonly content: string;
}

/** Passages kept together, compressed as one. */
export interface Page {
  readonly passages: number;
  readonly codec: Codec;
  readonly packed: number;
  readonly raw: number;
}

export interface Group {
  readonly first: string;
  readonly at: number;
}

export interface SegmentMeta {
  /** Keys of all documents, one after the other. */
  readonly keys: Uint8Array;
  /** Passages by document; each has one at least. */
  readonly docPassages: Uint32Array;
  /** Terms by passage. */
  readonly passageTerms: Uint16Array;
  readonly pages: readonly Page[];
  readonly groups: readonly Group[];
  readonly items: readonly ItemEntry[];
  /** Dictionary, postings, positions, text. */
  readonly streams: readonly WrittenStream[];
}
export const metaStreams = 4;

export function encodeMeta(meta: SegmentMeta): ByteWriter {
  const out = new ByteWriter();
  const { docPassages, passageTerms, pages, groups, items } = meta;
  out.varint(docPassages.length);
  out.bytes(meta.keys);
  for (const n of docPassages) out.varint(n);
  out.varint(passageTerms.length);
  for (const n of passageTerms) out.varint(n);
  out.varint(pages.length);
  for (const { passages, codec, packed, raw } of pages) {
    out.varint(passages);
    out.varint(codec);
    out.varint(packed);
    out.varint(raw);
  }
  out.varint(groups.length);
  let before = 0;
  for (const { first, at } of groups) {
    out.text(first);
    out.varint(at - before);
    before = at;
  }
  out.varint(items.length);
  for (const { item, stamp, outcome, content } of items) {
    out.text(item);
    out.varint(stamp);
    out.varint(outcomes.indexOf(outcome));
    if (outcome === 'text') out.bytes(Buffer.from(content, 'latin1'));
  }
  for (const { length, slots } of meta.streams) {
    out.varint(length);
    let last = -1;
    for (const slot of slots) {
      out.varint(slot - last - 1);
      last = slot;
    }
  }
  return out;
}

/** @throws Damaged for anything that {@link encodeMeta} does not give; never takes more memory than a few times the bytes */
export function decodeMeta(bytes: Uint8Array, fileSlots: number): SegmentMeta {
  const reader = new ByteReader(bytes);
  const count = (): number => reader.varintTo(reader.left);
  const docs = count();
  const keys = reader.bytes(docs * contentKeyBytes).slice();
  const docPassages = new Uint32Array(docs);
  let passages = 0;
  for (let i = 0; i < docs; i++) {
    const n = reader.varint();
    passages += n;
    if (n === 0 || passages > bytes.length) throw new Damaged('a document without passages');
    docPassages[i] = n;
  }
  if (count() !== passages) throw new Damaged('passages of no document');
  const passageTerms = new Uint16Array(passages);
  for (let i = 0; i < passages; i++) passageTerms[i] = reader.varintTo(0xffff);
  let inPages = 0;
  const pages = Array.from({ length: count() }, (): Page => {
    const page = {
      passages: reader.varintTo(passages - inPages),
      codec: reader.varintTo(2) as Codec,
      packed: reader.varintTo(maxChunkBytes),
      raw: reader.varintTo(maxChunkBytes),
    };
    if (page.codec === codecs.none && page.packed !== page.raw) throw new Damaged('a page of two lengths');
    inPages += page.passages;
    return page;
  });
  if (inPages !== passages) throw new Damaged('passages on no page');
  let at = 0;
  let first = '';
  const groups = Array.from({ length: count() }, (_, i): Group => {
    const next = reader.text(256);
    if (i > 0 && next <= first) throw new Damaged('groups are out of order');
    first = next;
    at += reader.varint();
    return { first, at };
  });
  const items = Array.from({ length: count() }, (): ItemEntry => {
    const item = reader.text(64);
    const stamp = reader.varint();
    const outcome = outcomes[reader.varintTo(outcomes.length - 1)] as Outcome;
    const content = outcome === 'text' ? latin1(reader.bytes(contentKeyBytes)) : '';
    return { item, stamp, outcome, content };
  });
  const streams = Array.from({ length: metaStreams }, (): WrittenStream => {
    const length = reader.varint();
    const blocks = Math.ceil(length / slotBytes);
    if (blocks > reader.left) throw new Damaged('slots are cut off');
    let last = -1;
    const slots = Array.from({ length: blocks }, () => {
      last += 1 + reader.varintTo(fileSlots);
      if (last >= fileSlots) throw new Damaged('a slot that is not there');
      return last;
    });
    return { length, slots };
  });
  if (reader.left > 0) throw new Damaged('more than the meta');
  const [dictionary, , , text] = streams;
  if (groups.some((group) => group.at >= (dictionary?.length ?? 0))) throw new Damaged('a group that is not there');
  if (pages.reduce((sum, page) => sum + page.packed, 0) !== text?.length) throw new Damaged('pages that are not there');
  return { keys, docPassages, passageTerms, pages, groups, items, streams };
}

export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

/** The last slot of a file: where its meta lies, and which segments it takes the place of. */
export interface Root {
  /** Of two segments that tell of one file, the greater is right. */
  readonly sequence: number;
  readonly metaSlot: number;
  readonly metaLength: number;
  /** Ids in hex. */
  readonly replaces: readonly string[];
}
/** As many ids as surely fit a slot. */
export const mostReplaced = 256;

export function encodeRoot({ sequence, metaSlot, metaLength, replaces }: Root): ByteWriter {
  const out = new ByteWriter();
  out.varint(sequence);
  out.varint(metaSlot);
  out.varint(metaLength);
  out.varint(replaces.length);
  for (const id of replaces) out.bytes(Buffer.from(id, 'hex'));
  return out;
}

/** @param bytes the whole slot, zeros behind the end. @throws Damaged */
export function decodeRoot(bytes: Uint8Array, fileSlots: number): Root {
  const reader = new ByteReader(bytes);
  const sequence = reader.varint();
  const metaSlot = reader.varintTo(fileSlots);
  const metaLength = reader.varintTo((fileSlots - metaSlot) * slotBytes);
  const replaces = Array.from({ length: reader.varintTo(mostReplaced) }, () =>
    Buffer.from(reader.bytes(16)).toString('hex'),
  );
  return { sequence, metaSlot, metaLength, replaces };
}
