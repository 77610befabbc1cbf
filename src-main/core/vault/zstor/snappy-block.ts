/**
 * Blocks of Snappy (google/snappy, format_description.txt): varint of the plain length, then elements, whose low two bits tell them apart.
 *
 *     00 literal   upper 6 bits: length-1 below 60; 60..63: that is in the next 1..4 bytes; the bytes follow
 *     01 copy      3 bits length-4, upper 3 bits and the next byte: offset
 *     10 copy      6 bits length-1, u16 offset
 *     11 copy      6 bits length-1, u32 offset
 *
 * Read here and not by snappyjs, which loops for ever on a literal whose length has its top bit set. It writes them.
 *
 * @param most longest plain length that is taken
 * @returns null for anything that is no block, or is longer
 */
export function readSnappyBlock(block: Uint8Array, most: number): Uint8Array | null {
  let at = 0;
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = block[at++];
    if (byte === undefined || shift > 28) return null;
    length += (byte & 127) * 2 ** shift;
    if (byte < 128) break;
  }
  if (length > most) return null;
  const out = new Uint8Array(length);
  let to = 0;
  while (at < block.length) {
    const tag = block[at++] ?? 0;
    let n = tag >>> 2;
    if ((tag & 3) === 0) {
      if (n >= 60) {
        const bytes = n - 59;
        if (at + bytes > block.length) return null;
        n = 0;
        for (let i = 0; i < bytes; i++) n += (block[at + i] ?? 0) * 2 ** (8 * i);
        at += bytes;
      }
      n++;
      if (n > block.length - at || n > length - to) return null;
      if (n < 16) for (let i = 0; i < n; i++) out[to + i] = block[at + i] as number;
      else out.set(block.subarray(at, at + n), to);
      at += n;
      to += n;
      continue;
    }
    let offset: number;
    if ((tag & 3) === 1) {
      n = (n & 7) + 4;
      offset = ((tag >>> 5) << 8) | (block[at] ?? 0);
      at += 1;
    } else {
      n++;
      offset = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
      at += 2;
      if ((tag & 3) === 3) {
        offset += ((block[at] ?? 0) | ((block[at + 1] ?? 0) << 8)) * 65_536;
        at += 2;
      }
    }
    if (at > block.length || offset === 0 || offset > to || n > length - to) return null;
    // What is copied may be what the copy itself writes.
    if (offset >= n && n >= 32) out.copyWithin(to, to - offset, to - offset + n);
    else for (let i = 0; i < n; i++) out[to + i] = out[to - offset + i] as number;
    to += n;
  }
  return to === length ? out : null;
}
