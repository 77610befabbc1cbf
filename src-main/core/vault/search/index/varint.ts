/** Bytes that grow; numbers are LEB128 varints (7 bits a byte, least first), up to 2^53. */
export class ByteWriter {
  #bytes = new Uint8Array(1024);
  length = 0;

  #room(n: number): void {
    if (this.length + n <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + n));
    grown.set(this.#bytes.subarray(0, this.length));
    this.#bytes = grown;
  }

  varint(value: number): void {
    this.#room(8);
    let left = value;
    while (left >= 0x80) {
      this.#bytes[this.length++] = (left % 0x80) | 0x80;
      left = left < 0x80000000 ? left >>> 7 : Math.floor(left / 0x80);
    }
    this.#bytes[this.length++] = left;
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Length, then UTF-8. */
  text(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    this.varint(bytes.length);
    this.bytes(bytes);
  }

  /** What was written; good until the next write. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  /** Overwrite everything that was ever written here. */
  wipe(): void {
    this.#bytes.fill(0);
    this.length = 0;
  }
}

/** What is read is not what was written: the segment is damaged. */
export class Damaged extends Error {
  override readonly name = 'Damaged';
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  at: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.at = at;
    this.#end = Math.min(end, bytes.length);
  }

  get left(): number {
    return this.#end - this.at;
  }

  /** @throws Damaged past the end, and for more than 2^53 */
  varint(): number {
    let value = 0;
    let unit = 1;
    for (let i = 0; i < 8; i++) {
      if (this.at >= this.#end) throw new Damaged('a number is cut off');
      const byte = this.#bytes[this.at++] as number;
      value += (byte & 0x7f) * unit;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      unit *= 0x80;
    }
    throw new Damaged('a number is too large');
  }

  /** @throws Damaged when it is above `most` */
  varintTo(most: number): number {
    const value = this.varint();
    if (value > most) throw new Damaged(`${value} is more than ${most}`);
    return value;
  }

  bytes(length: number): Uint8Array {
    if (length > this.left) throw new Damaged('bytes are cut off');
    const bytes = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return bytes;
  }

  text(most: number): string {
    const bytes = this.bytes(this.varintTo(most));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  }
}
