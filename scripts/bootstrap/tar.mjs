import { gunzipSync } from 'node:zlib';

const block = 512;

/**
 * Read one regular file out of a gzipped tar (ustar, as `npm pack` writes it; long names by the prefix field).
 * Returns its bytes, or null when the archive ends without it. Throws on a damaged archive.
 * Layout: POSIX.1-2017, pax "ustar Interchange Format".
 */
export function fileFromTarball(tarball, wanted) {
  const tar = gunzipSync(tarball);
  let at = 0;
  while (at + block <= tar.length) {
    const header = tar.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) return null;
    const size = octal(header, 124, 12);
    const prefix = text(header, 345, 155);
    const name = prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`;
    const start = at + block;
    if (start + size > tar.length) throw new Error('The archive ends in the middle of a file.');
    const kind = header[156];
    if (name === wanted && (kind === 0 || kind === 0x30)) return tar.subarray(start, start + size);
    at = start + Math.ceil(size / block) * block;
  }
  return null;
}

function text(header, from, length) {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.subarray(0, end === -1 ? length : end).toString('utf8');
}

function octal(header, from, length) {
  const digits = text(header, from, length).trim();
  if (!/^[0-7]+$/.test(digits)) throw new Error('The archive has a damaged header.');
  return Number.parseInt(digits, 8);
}
