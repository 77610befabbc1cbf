/**
 * Bytes as text: by a byte order mark, else UTF-8 where they are that, else UTF-16 where every other byte is zero, else Windows-1252,
 * which every byte string is.
 *
 * @returns null when these are no text: too many control characters
 */
export function decodeText(bytes: Uint8Array): string | null {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return clean(new TextDecoder('utf-8').decode(bytes));
  if (a === 0xff && b === 0xfe) return clean(new TextDecoder('utf-16le').decode(bytes));
  if (a === 0xfe && b === 0xff) return clean(new TextDecoder('utf-16be').decode(bytes));
  const wide = wideOrder(bytes);
  if (wide !== null) return clean(new TextDecoder(wide).decode(bytes));
  // What was cut off in the middle of a character must not make it another text.
  const whole = bytes.subarray(0, bytes.length - brokenTail(bytes));
  try {
    return clean(new TextDecoder('utf-8', { fatal: true }).decode(whole));
  } catch {
    return clean(new TextDecoder('windows-1252').decode(bytes));
  }
}

/** Whether the first bytes of a file look like text. */
export const looksLikeText = (head: Uint8Array): boolean =>
  head.length > 0 && decodeText(head.subarray(0, 4096)) !== null;

/** UTF-16 without a mark: of Latin letters, one byte of two is zero. */
function wideOrder(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const n = Math.min(bytes.length & ~1, 4096);
  if (n < 8) return null;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < n; i += 2) {
    if (bytes[i] === 0) even++;
    if (bytes[i + 1] === 0) odd++;
  }
  if (odd > n * 0.35 && even < n * 0.02) return 'utf-16le';
  if (even > n * 0.35 && odd < n * 0.02) return 'utf-16be';
  return null;
}

/** Bytes at the end that begin a UTF-8 character and do not end it. */
function brokenTail(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const needs = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needs > back ? back : 0;
  }
  return 0;
}

/** Text has next to no control characters but tabs, line ends and form feeds; what does is something else. */
function clean(text: string): string | null {
  let odd = 0;
  const looked = Math.min(text.length, 65_536);
  for (let i = 0; i < looked; i++) {
    const c = text.charCodeAt(i);
    if ((c < 32 && (c < 9 || c > 13) && c !== 27) || (c >= 0x7f && c < 0xa0) || c === 0xfffd) odd++;
  }
  return odd > looked * 0.02 ? null : text;
}
