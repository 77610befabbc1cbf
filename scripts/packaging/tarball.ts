import { createWriteStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

const block = 512;

/**
 * One ustar header. Layout: POSIX.1-2017, pax, "ustar Interchange Format". Owner and time are fixed (root, 0), so that
 * the same files make the same tarball.
 *
 * @throws RangeError when the name fits neither the name field nor name and prefix.
 */
export function tarHeader(name: string, size: number, mode: number): Uint8Array {
  const [prefix, rest] = splitName(name);
  const header = Buffer.alloc(block);
  header.write(rest, 0, 100, 'utf8');
  header.write(`${(mode & 0o777).toString(8).padStart(7, '0')}\0`, 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257, 'latin1');
  header.write('root\0', 265);
  header.write('root\0', 297);
  header.write(prefix, 345, 155, 'utf8');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function splitName(name: string): [string, string] {
  if (Buffer.byteLength(name) <= 100) return ['', name];
  for (let at = name.lastIndexOf('/'); at > 0; at = name.lastIndexOf('/', at - 1)) {
    const prefix = name.slice(0, at);
    const rest = name.slice(at + 1);
    if (Buffer.byteLength(rest) > 100) break;
    if (Buffer.byteLength(prefix) <= 155) return [prefix, rest];
  }
  throw new RangeError(`too long for a tar archive: ${name}`);
}

/** Pack a folder's regular files under `top/` as .tar.gz, in the order of their names. */
export async function writeTarball(folder: string, top: string, target: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  async function* bytes() {
    for (const file of files) {
      const content = await readFile(file);
      const name = `${top}/${path.relative(folder, file).split(path.sep).join('/')}`;
      const executable = (await stat(file)).mode & 0o111;
      yield tarHeader(name, content.length, executable ? 0o755 : 0o644);
      yield content;
      yield Buffer.alloc((block - (content.length % block)) % block);
    }
    yield Buffer.alloc(2 * block);
  }
  await pipeline(Readable.from(bytes()), createGzip({ level: 6 }), createWriteStream(target));
}
