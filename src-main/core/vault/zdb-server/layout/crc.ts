import { crcBase64 } from './crc-bytes.ts';

/*
 * The checksum 0-db keeps with every value: CRC-32C (Castagnoli, reflected polynomial 0x82F63B78; RFC 3720, appendix
 * B.4) but begun with 0 and not inverted at the end (specification 1.7, with vectors). Long values go through WebAssembly
 * (assets/zdb-crc/crc.ts), short ones byte by byte.
 */

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  init(): void;
  crc(at: number, length: number, before: number): number;
}

/** Where the caller's bytes are, and how many: assets/zdb-crc/crc.ts and build-crc.ts. */
const scratchAt = 65_536;
const scratchBytes = 128 * 1024;
const short = 64;

const kernel = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(crcBase64, 'base64')))
  .exports as unknown as Kernel;
kernel.init();
const scratch = new Uint8Array(kernel.memory.buffer, scratchAt, scratchBytes);
/** One byte at a time: the first of the kernel's tables. */
const table = new Uint32Array(kernel.memory.buffer, 0, 256);

/** 0-db's checksum, going on from `before`; unsigned. */
export function crcOf(bytes: Uint8Array, before = 0): number {
  let c = before;
  if (bytes.length <= short) {
    for (const byte of bytes) c = (table[(c ^ byte) & 255] as number) ^ (c >>> 8);
    return c >>> 0;
  }
  if (bytes.length <= scratchBytes) {
    scratch.set(bytes);
    return kernel.crc(scratchAt, bytes.length, c) >>> 0;
  }
  for (let at = 0; at < bytes.length; at += scratchBytes) {
    const some = bytes.subarray(at, at + scratchBytes);
    scratch.set(some);
    c = kernel.crc(scratchAt, some.length, c);
  }
  return c >>> 0;
}

/** The checksum of pieces one after the other. */
export function crcOfParts(parts: readonly Uint8Array[]): number {
  let crc = 0;
  for (const part of parts) crc = crcOf(part, crc);
  return crc;
}
