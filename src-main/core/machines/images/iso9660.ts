import { fail } from '#shared/rpc/fail.ts';
import { concat } from './cpio.ts';

/**
 * A small ISO 9660 image with the Joliet extension, files in the root directory only: what cloud-init's NoCloud needs
 * (its file names hold small letters and hyphens, which plain ISO 9660 cannot say, so readers take them from Joliet).
 * Source: ECMA-119 (ISO 9660) sections 8 and 9; Joliet specification. Sectors of 2048 bytes:
 *
 *   0-15  unused                      19 path table, little endian     23 root directory
 *   16    primary volume descriptor   20 path table, big endian        24 root directory, Joliet
 *   17    Joliet volume descriptor    21 Joliet path table, little     25- files, each from a new sector
 *   18    end of descriptors          22 Joliet path table, big
 */
export interface IsoFile {
  /** At most 64 letters, digits, dots, underscores and hyphens. */
  readonly name: string;
  readonly data: Uint8Array;
}

const SECTOR = 2048;
const FIRST_FILE = 25;
const ROOT = { plain: 23, joliet: 24 };
const latin = new TextEncoder();

const sectors = (bytes: number): number => Math.ceil(bytes / SECTOR);

function utf16be(value: string): Uint8Array {
  const out = new Uint8Array(value.length * 2);
  for (let i = 0; i < value.length; i++) {
    out[i * 2] = value.charCodeAt(i) >>> 8;
    out[i * 2 + 1] = value.charCodeAt(i) & 255;
  }
  return out;
}

/** A sector being filled; numbers come in little endian, big endian or both one after the other. */
class Sector {
  readonly bytes = new Uint8Array(SECTOR);
  readonly #view = new DataView(this.bytes.buffer);

  put(at: number, value: Uint8Array): void {
    this.bytes.set(value, at);
  }
  padded(at: number, length: number, value: string, joliet: boolean): void {
    if (joliet) {
      for (let i = 0; i + 1 < length; i += 2) this.bytes[at + i + 1] = 0x20;
      this.put(at, utf16be(value.slice(0, Math.floor(length / 2))));
    } else {
      this.bytes.fill(0x20, at, at + length);
      this.put(at, latin.encode(value.slice(0, length)));
    }
  }
  both16(at: number, n: number): void {
    this.#view.setUint16(at, n, true);
    this.#view.setUint16(at + 2, n, false);
  }
  both32(at: number, n: number): void {
    this.#view.setUint32(at, n, true);
    this.#view.setUint32(at + 4, n, false);
  }
  uint32(at: number, n: number, little: boolean): void {
    this.#view.setUint32(at, n, little);
  }
}

/** A directory record (ECMA-119 section 9.1). */
function directoryRecord(name: Uint8Array, sector: number, size: number, isDirectory: boolean): Uint8Array {
  const length = 33 + name.length + (name.length % 2 === 0 ? 1 : 0);
  const out = new Sector();
  out.bytes[0] = length;
  out.both32(2, sector);
  out.both32(10, size);
  out.put(18, Uint8Array.of(100, 1, 1, 0, 0, 0, 0)); // 2000-01-01: the image does not depend on when it was made
  out.bytes[25] = isDirectory ? 2 : 0;
  out.both16(28, 1);
  out.bytes[32] = name.length;
  out.put(33, name);
  return out.bytes.slice(0, length);
}

function rootDirectory(sector: number, records: readonly Uint8Array[]): Uint8Array {
  const all = concat([
    directoryRecord(Uint8Array.of(0), sector, SECTOR, true),
    directoryRecord(Uint8Array.of(1), sector, SECTOR, true),
    ...records,
  ]);
  if (all.length > SECTOR) throw fail('BAD_INPUT', 'Too many files for a seed image.');
  const out = new Sector();
  out.put(0, all);
  return out.bytes;
}

function volumeDescriptor(joliet: boolean, label: string, total: number, tables: number): Uint8Array {
  const out = new Sector();
  out.bytes[0] = joliet ? 2 : 1;
  out.put(1, latin.encode('CD001'));
  out.bytes[6] = 1;
  out.padded(8, 32, '', joliet);
  out.padded(40, 32, label, joliet);
  out.both32(80, total);
  if (joliet) out.put(88, latin.encode('%/E')); // UCS-2 level 3
  out.both16(120, 1);
  out.both16(124, 1);
  out.both16(128, SECTOR);
  out.both32(132, 10);
  out.uint32(140, tables, true);
  out.uint32(148, tables + 1, false);
  out.put(156, directoryRecord(Uint8Array.of(0), joliet ? ROOT.joliet : ROOT.plain, SECTOR, true));
  for (const [at, length] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 37],
    [739, 37],
    [776, 37],
  ] as const) {
    out.padded(at, length, '', joliet);
  }
  for (const at of [813, 830, 847, 864]) out.put(at, latin.encode('0000000000000000'));
  out.bytes[881] = 1;
  return out.bytes;
}

/** The path table of a volume with nothing but a root directory (ECMA-119 section 9.4). */
function pathTable(root: number, little: boolean): Uint8Array {
  const out = new Sector();
  out.bytes[0] = 1;
  out.uint32(2, root, little);
  out.bytes[little ? 6 : 7] = 1;
  return out.bytes;
}

/** Write an image holding `files` in its root directory. @param label volume label, at most 16 characters. */
export function encodeIso(label: string, files: readonly IsoFile[]): Uint8Array {
  for (const { name } of files) {
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(name)) throw fail('BAD_INPUT', `A seed image cannot hold a file named ${name}.`);
  }
  let next = FIRST_FILE;
  const placed = files.map((f, index) => {
    const at = next;
    next += Math.max(1, sectors(f.data.length));
    return { ...f, at, short: `F${index}.;1` };
  });
  const terminator = new Sector();
  terminator.bytes[0] = 255;
  terminator.put(1, latin.encode('CD001'));
  terminator.bytes[6] = 1;
  const byName = placed.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const body = concat([
    new Uint8Array(16 * SECTOR),
    volumeDescriptor(false, label, next, 19),
    volumeDescriptor(true, label, next, 21),
    terminator.bytes,
    pathTable(ROOT.plain, true),
    pathTable(ROOT.plain, false),
    pathTable(ROOT.joliet, true),
    pathTable(ROOT.joliet, false),
    rootDirectory(
      ROOT.plain,
      placed.map((f) => directoryRecord(latin.encode(f.short), f.at, f.data.length, false)),
    ),
    rootDirectory(
      ROOT.joliet,
      byName.map((f) => directoryRecord(utf16be(f.name), f.at, f.data.length, false)),
    ),
  ]);
  const out = new Uint8Array(next * SECTOR);
  out.set(body);
  for (const f of placed) out.set(f.data, f.at * SECTOR);
  return out;
}

/** Read back the files of the Joliet root directory. Throws BAD_INPUT for anything malformed. */
export function decodeIso(bytes: Uint8Array): { label: string; files: IsoFile[] } {
  const damaged = () => fail('BAD_INPUT', 'This is not a seed image.');
  const ucs2 = new TextDecoder('utf-16be');
  const sector = (n: number): Uint8Array => {
    const found = bytes.subarray(n * SECTOR, (n + 1) * SECTOR);
    if (found.length !== SECTOR) throw damaged();
    return found;
  };
  const descriptor = sector(17);
  if (descriptor[0] !== 2 || new TextDecoder('latin1').decode(descriptor.subarray(1, 6)) !== 'CD001') throw damaged();
  const label = ucs2.decode(descriptor.subarray(40, 72)).trimEnd();
  const read32 = (from: Uint8Array, at: number): number =>
    new DataView(from.buffer, from.byteOffset).getUint32(at, true);
  const root = sector(read32(descriptor, 158));
  const files: IsoFile[] = [];
  for (let at = 0; at < SECTOR; ) {
    const length = root[at] ?? 0;
    if (length === 0) break;
    const nameLength = root[at + 32] ?? 0;
    if (length < 34 || at + length > SECTOR || 33 + nameLength > length) throw damaged();
    const isDirectory = ((root[at + 25] ?? 0) & 2) !== 0;
    if (!isDirectory) {
      const start = read32(root, at + 2) * SECTOR;
      const size = read32(root, at + 10);
      if (start + size > bytes.length) throw damaged();
      files.push({
        name: ucs2.decode(root.subarray(at + 33, at + 33 + nameLength)),
        data: bytes.slice(start, start + size),
      });
    }
    at += length;
  }
  return { label, files };
}
