import { freeNow } from '#core/crypto/free.ts';
import { codecs, compress, decompress } from '../../format/chunk.ts';
import type { Page } from './meta.ts';
import { ByteReader, ByteWriter, Damaged } from './varint.ts';

/** Text of a page before it is compressed: more shrinks better, less is quicker to get at. */
const pageBytes = 16 * 1024;

/**
 * Gathers the text of passages into pages. A page: by passage varint bytes of its UTF-8, then the texts one after the other; compressed as
 * a whole.
 */
export class PageWriter {
  readonly #take: (page: Page, packed: Uint8Array) => void;
  readonly #lengths: number[] = [];
  readonly #text = new ByteWriter();
  readonly #raw = new ByteWriter();

  constructor(take: (page: Page, packed: Uint8Array) => void) {
    this.#take = take;
  }

  add(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.#lengths.push(bytes.length);
    this.#text.bytes(bytes);
    if (this.#text.length >= pageBytes) this.flush();
  }

  flush(): void {
    if (this.#lengths.length === 0) return;
    this.#raw.clear();
    for (const length of this.#lengths) this.#raw.varint(length);
    this.#raw.bytes(this.#text.view());
    const raw = this.#raw.view();
    const { codec, bytes } = compress(raw);
    this.#take({ passages: this.#lengths.length, codec, packed: bytes.length, raw: raw.length }, bytes);
    if (codec !== codecs.none) freeNow(bytes);
    this.#lengths.length = 0;
    this.#text.clear();
  }

  wipe(): void {
    this.#text.wipe();
    this.#raw.wipe();
  }
}

/** The texts of a page, or of one passage of it: `only`, counted within the page. @throws Damaged */
export function readPage({ passages, codec, raw }: Page, packed: Uint8Array, only?: number): string[] {
  const plain = decompress(codec, packed, raw);
  if (plain === null || plain.length !== raw) throw new Damaged('a page does not open');
  const reader = new ByteReader(plain);
  const lengths = Array.from({ length: passages }, () => reader.varintTo(plain.length));
  return lengths.flatMap((length, i) => {
    const bytes = reader.bytes(length);
    if (only !== undefined && i !== only) return [];
    return [Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')];
  });
}
