import { ByteReader, type ByteWriter, Damaged } from './varint.ts';

/**
 * The terms of a segment in the order of their UTF-16 units, in groups of 64. A group: varint where its postings begin in their stream,
 * varint the same of positions, then by term: varint units shared with the term before, the rest (varint length, UTF-8), varint
 * passages that have it, varint bytes of its postings, varint bytes of its positions; they lie one after the other. The first term
 * of each group and where the group begins are in the segment's meta.
 */
export const groupTerms = 64;
/** Bytes of one term, at most: 64 UTF-16 units. */
const longestBytes = 256;

export interface Term {
  readonly term: string;
  /** How many passages have it. */
  readonly df: number;
  readonly postingsAt: number;
  readonly postings: number;
  readonly positionsAt: number;
  readonly positions: number;
}

export class DictionaryWriter {
  readonly #out: ByteWriter;
  #before = '';
  #inGroup = 0;

  constructor(out: ByteWriter) {
    this.#out = out;
  }

  /** Terms in ascending order. @returns true when this one begins a group */
  add({ term, df, postingsAt, postings, positionsAt, positions }: Term): boolean {
    const first = this.#inGroup === 0;
    let shared = 0;
    if (first) {
      this.#out.varint(postingsAt);
      this.#out.varint(positionsAt);
    } else {
      const most = Math.min(term.length, this.#before.length);
      while (shared < most && term.charCodeAt(shared) === this.#before.charCodeAt(shared)) shared++;
      // Half a character has no UTF-8.
      const last = term.charCodeAt(shared - 1);
      if (last >= 0xd800 && last <= 0xdbff) shared--;
    }
    this.#out.varint(shared);
    this.#out.text(term.slice(shared));
    this.#out.varint(df);
    this.#out.varint(postings);
    this.#out.varint(positions);
    this.#before = term;
    this.#inGroup = (this.#inGroup + 1) % groupTerms;
    return first;
  }
}

/** The terms of one group. @throws Damaged */
export function* readGroup(bytes: Uint8Array): Generator<Term> {
  const reader = new ByteReader(bytes);
  let postingsAt = reader.varint();
  let positionsAt = reader.varint();
  let term = '';
  for (let i = 0; i < groupTerms && reader.left > 0; i++) {
    const shared = reader.varintTo(term.length);
    const next = term.slice(0, shared) + reader.text(longestBytes);
    if (i > 0 && next <= term) throw new Damaged('terms are out of order');
    term = next;
    const df = reader.varint();
    const postings = reader.varint();
    const positions = reader.varint();
    yield { term, df, postingsAt, postings, positionsAt, positions };
    postingsAt += postings;
    positionsAt += positions;
  }
  if (reader.left > 0) throw new Damaged('more than a group');
}
