/* Headers of HTTP and WebDAV, each read strictly: null for what is not one. */

/** `Depth`; `absent` when it is not there. */
export function readDepth(value: string | undefined, absent: Depth): Depth | null {
  if (value === undefined) return absent;
  const word = value.trim().toLowerCase();
  if (word === '0' || word === '1') return word;
  return word === 'infinity' ? word : null;
}
export type Depth = '0' | '1' | 'infinity';

/** `Overwrite`: T unless it says F. */
export function readOverwrite(value: string | undefined): boolean | null {
  const word = value?.trim().toUpperCase() ?? 'T';
  return word === 'T' ? true : word === 'F' ? false : null;
}

/** Locks last this long when nothing is asked for, and never longer than the most (RFC 4918, 6.6). Seconds. */
const usualLock = 600;
const longestLock = 3600;
const shortestLock = 10;

/** `Timeout`: the first that can be read, within the bounds. Never refused: the server has the last word on it. */
export function readTimeout(value: string | undefined): number {
  for (const one of (value ?? '').split(',')) {
    const word = one.trim();
    if (/^infinite$/i.test(word)) return longestLock;
    const seconds = /^second-(\d{1,10})$/i.exec(word)?.[1];
    if (seconds !== undefined) return Math.min(longestLock, Math.max(shortestLock, Number(seconds)));
  }
  return usualLock;
}

/** One range of bytes of something `size` long. `whole`: nothing that is answered in part; `none`: it lies outside. */
export function readRange(value: string | undefined, size: number): { from: number; to: number } | 'whole' | 'none' {
  if (value === undefined) return 'whole';
  // Several ranges at once may be answered with the whole (RFC 9110, 14.2); no disk client asks for them.
  const match = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(value.replaceAll(' ', ''));
  if (!match || (match[1] === '' && match[2] === '')) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'none' : { from: size - length, to: size };
  }
  const from = Number(first);
  if (last !== '' && Number(last) < from) return 'whole';
  if (from >= size) return 'none';
  return { from, to: last === '' ? size : Math.min(Number(last) + 1, size) };
}

/** `If-Match` and `If-None-Match`: `*` or tags without their `W/`. Null for what is neither. */
export function readTags(value: string): '*' | string[] | null {
  if (value.trim() === '*') return '*';
  const tags: string[] = [];
  for (const one of value.split(',')) {
    const tag = /^\s*(?:W\/)?("[^"]*")\s*$/.exec(one)?.[1];
    if (tag === undefined) return null;
    tags.push(tag);
  }
  return tags;
}

/** A time of HTTP in whole seconds as milliseconds; null for none. */
export function readTime(value: string | undefined): number | null {
  if (value === undefined || value.length > 64) return null;
  const at = Date.parse(value);
  return Number.isFinite(at) ? at : null;
}

/** What lies between the brackets of a coded URL, `<urn:uuid:…>`. */
export function readCodedUrl(value: string | undefined): string | null {
  return /^\s*<([^<>\s]{1,512})>\s*$/.exec(value ?? '')?.[1] ?? null;
}
