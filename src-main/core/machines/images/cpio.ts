import { fail } from '#shared/rpc/fail.ts';

/**
 * The "newc" cpio archive (the only form the Linux kernel unpacks as an initramfs).
 * Source: Linux Documentation/driver-api/early-userspace/buffer-format.rst.
 *
 * Layout of an entry, all numbers 8 upper-case hex digits:
 *   "070701" ino mode uid gid nlink mtime filesize devmajor devminor rdevmajor rdevminor namesize check   (110 bytes)
 *   name + NUL, padded with NUL to a multiple of 4 counted from the header's start
 *   data, padded with NUL to a multiple of 4
 * The archive ends with an entry named "TRAILER!!!". Archives may follow one another, each starting on a multiple of 4,
 * compressed or not: that is how a machine's configuration is appended to a shared initrd.
 */
export interface CpioEntry {
  /** Path without leading slash. */
  readonly path: string;
  /** File type and permission bits, for example 0o100644. */
  readonly mode: number;
  /** File content, or the target of a symbolic link. */
  readonly data?: Uint8Array;
  /** Device numbers of character and block devices. */
  readonly device?: readonly [major: number, minor: number];
}

const MAGIC = '070701';
const TRAILER = 'TRAILER!!!';
const HEADER = 110;
const text = new TextEncoder();

export const directory = (path: string, mode = 0o755): CpioEntry => ({ path, mode: 0o040000 | mode });
export const file = (path: string, data: Uint8Array | string, mode = 0o644): CpioEntry => ({
  path,
  mode: 0o100000 | mode,
  data: typeof data === 'string' ? text.encode(data) : data,
});
export const symlink = (path: string, target: string): CpioEntry => ({
  path,
  mode: 0o120777,
  data: text.encode(target),
});
export const characterDevice = (path: string, major: number, minor: number, mode = 0o600): CpioEntry => ({
  path,
  mode: 0o020000 | mode,
  device: [major, minor],
});

const pad4 = (n: number): number => (4 - (n % 4)) % 4;
const hex = (n: number): string => n.toString(16).toUpperCase().padStart(8, '0');

function encodeEntry(entry: CpioEntry, inode: number): Uint8Array[] {
  const name = text.encode(entry.path);
  const data = entry.data ?? new Uint8Array(0);
  const [major, minor] = entry.device ?? [0, 0];
  const links = (entry.mode & 0o170000) === 0o040000 ? 2 : 1;
  // uid, gid and mtime are 0 so that the same input gives the same bytes on every machine.
  const fields = [inode, entry.mode, 0, 0, links, 0, data.length, 0, 0, major, minor, name.length + 1, 0];
  const header = text.encode(MAGIC + fields.map(hex).join(''));
  return [header, name, new Uint8Array(1 + pad4(HEADER + name.length + 1)), data, new Uint8Array(pad4(data.length))];
}

/** Encode entries, in the order given, as one uncompressed archive whose length is a multiple of 4. */
export function encodeCpio(entries: readonly CpioEntry[]): Uint8Array {
  const parts = entries.flatMap((entry, index) => encodeEntry(entry, index + 1));
  parts.push(...encodeEntry({ path: TRAILER, mode: 0 }, 0));
  return concat(parts);
}

/** Put archives (compressed or not) one after another, each starting on a multiple of 4 as the kernel wants. */
export function joinSegments(...segments: readonly Uint8Array[]): Uint8Array {
  return concat(segments.flatMap((s) => [s, new Uint8Array(pad4(s.length))]));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const damaged = (why: string) =>
  fail('BAD_INPUT', `This is not a cpio archive: ${why}.`, { next: 'Make or download the image again.' });

/** Decode one uncompressed archive. Throws BAD_INPUT for anything malformed. */
export function decodeCpio(bytes: Uint8Array): CpioEntry[] {
  const latin = new TextDecoder('latin1');
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  const entries: CpioEntry[] = [];
  let at = 0;
  for (;;) {
    if (at + HEADER > bytes.length) throw damaged('it ends inside a header');
    const header = latin.decode(bytes.subarray(at, at + HEADER));
    if (!header.startsWith(MAGIC)) throw damaged('a header lacks its magic number');
    const number = (field: number): number => {
      const digits = header.slice(6 + field * 8, 14 + field * 8);
      if (!/^[0-9A-Fa-f]{8}$/.test(digits)) throw damaged('a header holds something that is no number');
      return Number.parseInt(digits, 16);
    };
    const mode = number(1);
    const size = number(6);
    const nameSize = number(11);
    const nameEnd = at + HEADER + nameSize;
    if (nameSize < 1 || nameEnd > bytes.length || bytes[nameEnd - 1] !== 0) throw damaged('a name is cut off');
    let path: string;
    try {
      path = utf8.decode(bytes.subarray(at + HEADER, nameEnd - 1));
    } catch {
      throw damaged('a name is not UTF-8');
    }
    if (path === TRAILER) return entries;
    const start = nameEnd + pad4(HEADER + nameSize);
    if (start + size > bytes.length) throw damaged('a file is cut off');
    const type = mode & 0o170000;
    entries.push({
      path,
      mode,
      ...(type === 0o100000 || type === 0o120000 ? { data: bytes.slice(start, start + size) } : {}),
      ...(type === 0o020000 || type === 0o060000 ? { device: [number(9), number(10)] as const } : {}),
    });
    at = start + size + pad4(size);
  }
}
