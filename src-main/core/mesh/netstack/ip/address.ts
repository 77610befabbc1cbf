import { u8, u16 } from './bytes.ts';

/** An IPv6 address: 16 bytes, network order. */
export type Address = Uint8Array;

/** Sixteen zero bytes: "no address" (RFC 4291 section 2.5.2). */
export const unspecified: Address = new Uint8Array(16);

export const isUnspecified = (b: Uint8Array, at = 0): boolean => {
  for (let i = 0; i < 16; i++) if (b[at + i] !== 0) return false;
  return true;
};

/** ff00::/8 */
export const isMulticast = (b: Uint8Array, at = 0): boolean => b[at] === 0xff;

/** fe80::/10 */
export const isLinkLocal = (b: Uint8Array, at = 0): boolean => b[at] === 0xfe && (u8(b, at + 1) & 0xc0) === 0x80;

/** ::1 */
export const isLoopback = (b: Uint8Array, at = 0): boolean => {
  for (let i = 0; i < 15; i++) if (b[at + i] !== 0) return false;
  return b[at + 15] === 1;
};

export function sameAddress(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 16; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Text of an address in its one recommended form (RFC 5952): lower case, no leading zeros, the longest run of two or
 * more zero groups as `::`, the first of equals.
 */
export function formatAddress(b: Uint8Array, at = 0): string {
  const groups = Array.from({ length: 8 }, (_, i) => u16(b, at + i * 2));
  let best = { start: -1, length: 1 };
  for (let i = 0; i < 8; ) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > best.length) best = { start: i, length: end - i };
    i = Math.max(end, i + 1);
  }
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.start < 0) return text(groups);
  return `${text(groups.slice(0, best.start))}::${text(groups.slice(best.start + best.length))}`;
}

/** Bytes of an address from its text (RFC 4291 section 2.2, with a trailing dotted IPv4 part); null when it is none. No zone. */
export function parseAddress(text: string): Address | null {
  if (text.length > 45) return null;
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const out = new Uint8Array(16);
  [...head, ...new Array<number>(missing).fill(0), ...tail].forEach((group, i) => {
    out[i * 2] = group >>> 8;
    out[i * 2 + 1] = group;
  });
  return out;
}

function groupsOf(text: string, last: boolean): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const out: number[] = [];
  for (const [i, part] of parts.entries()) {
    if (last && i === parts.length - 1 && part.includes('.')) {
      const four = part.split('.');
      if (four.length !== 4 || !four.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) < 256)) return null;
      const [a = 0, b = 0, c = 0, d = 0] = four.map(Number);
      out.push((a << 8) | b, (c << 8) | d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      out.push(Number.parseInt(part, 16));
    } else {
      return null;
    }
  }
  return out;
}

/** The /64 of an address as a key: on the mesh that is one node, and it cannot be forged. */
export const nodeOf = (address: Uint8Array): string => String.fromCharCode(...address.subarray(0, 8));
