import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { crc32, deflateSync } from 'node:zlib';

/** Files as they are met in the wild, by relative path: empty, emoji, a name of 255 bytes, large, text, an image, folders. */
export async function makeSamples(folder: string): Promise<string[]> {
  const longest = `${'ä'.repeat(125)}.text`;
  const samples: Record<string, Uint8Array> = {
    'empty.txt': new Uint8Array(),
    'notes.txt': Buffer.from('First line of the notes.\nSecond line.\n'),
    '🍄 mycelium 🧵.md': Buffer.from('# Threads\n'),
    [longest]: Buffer.from('a name of 255 bytes\n'),
    'picture.png': png(64, 48, [46, 110, 60]),
    'large.bin': randomBytes(30 * 1024 * 1024),
    'album/one.txt': Buffer.from('one\n'),
    'album/inner/two.txt': Buffer.from('two\n'),
    'album/inner/copy-of-two.txt': Buffer.from('two\n'),
  };
  for (const [name, bytes] of Object.entries(samples)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, bytes);
  }
  return Object.keys(samples);
}

export async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Hashes of every file below a folder, by relative path. */
export async function hashes(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .sort();
  const all = await Promise.all(files.map(async (file) => [file, await sha256Of(path.join(folder, file))] as const));
  return Object.fromEntries(all);
}

/** A PNG of one colour (RFC 2083: signature, IHDR, IDAT, IEND). */
export function png(width: number, height: number, [red, green, blue]: readonly [number, number, number]): Buffer {
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from([red, green, blue]))]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a channel, true colour; the last three bytes are the only methods there are.
  header.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
