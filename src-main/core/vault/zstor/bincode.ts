/**
 * The part of bincode 1.x (`bincode::serialize` with its defaults) that zstor's records use: fixed-width little-endian integers, usize
 * as u64, enum variants as u32, Option and bool as one byte, strings and lists with a u64 length before them, arrays and structs
 * with nothing around them.
 */
export class BincodeWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  #room(n: number): DataView {
    const at = this.#length;
    this.#length += n;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return new DataView(this.#bytes.buffer, at);
  }

  u8(value: number): this {
    this.#room(1).setUint8(0, value);
    return this;
  }
  bool(value: boolean): this {
    return this.u8(value ? 1 : 0);
  }
  u16(value: number): this {
    this.#room(2).setUint16(0, value, true);
    return this;
  }
  u32(value: number): this {
    this.#room(4).setUint32(0, value, true);
    return this;
  }
  u64(value: bigint): this {
    this.#room(8).setBigUint64(0, value, true);
    return this;
  }
  usize(value: number): this {
    return this.u64(BigInt(value));
  }
  raw(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length - bytes.length);
    return this;
  }
  string(text: string): this {
    const bytes = new TextEncoder().encode(text);
    return this.usize(bytes.length).raw(bytes);
  }
  option<T>(value: T | null, write: (value: T) => void): this {
    this.u8(value === null ? 0 : 1);
    if (value !== null) write(value);
    return this;
  }
  list<T>(values: readonly T[], write: (value: T) => void): this {
    this.usize(values.length);
    for (const value of values) write(value);
    return this;
  }
  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Bytes that no encoder of this format would have written. Thrown by the reader, made null by the decoders around it. */
export class NotBincode extends Error {}

/** Reads what {@link BincodeWriter} writes, and nothing else. @throws NotBincode */
export class BincodeReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #take(n: number): number {
    const at = this.#at;
    if (n > this.#bytes.length - at) throw new NotBincode('it ends too early');
    this.#at += n;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  bool(): boolean {
    const value = this.u8();
    if (value > 1) throw new NotBincode('neither true nor false');
    return value === 1;
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }
  usize(): number {
    const value = this.u64();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new NotBincode('a number too large to count anything');
    return Number(value);
  }
  raw(n: number): Uint8Array {
    const at = this.#take(n);
    // Not slice: of a Buffer that is no copy.
    return new Uint8Array(this.#bytes.subarray(at, at + n));
  }
  string(): string {
    const bytes = this.raw(this.usize());
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new NotBincode('text that is not UTF-8');
    }
  }
  option<T>(read: () => T): T | null {
    return this.bool() ? read() : null;
  }
  /** @param least bytes that one of them takes: a length that cannot be true is refused before anything is made for it */
  list<T>(least: number, read: () => T): T[] {
    const n = this.usize();
    if (n * least > this.#bytes.length - this.#at) throw new NotBincode('a list longer than what is there');
    return Array.from({ length: n }, read);
  }
  end(): void {
    if (this.#at !== this.#bytes.length) throw new NotBincode('something follows');
  }
}

/** @returns null where the bytes are not what `read` reads, from the first to the last */
export function decodeWhole<T>(bytes: Uint8Array, read: (reader: BincodeReader) => T): T | null {
  const reader = new BincodeReader(bytes);
  try {
    const value = read(reader);
    reader.end();
    return value;
  } catch (error) {
    if (error instanceof NotBincode) return null;
    throw error;
  }
}
