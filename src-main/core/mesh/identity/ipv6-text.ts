import { u16 } from '../wire/big-endian.ts';
import { type Prefix, prefixOf } from '../wire/prefix.ts';

/** The address (16 bytes at `at`) as RFC 5952 writes it: lower case, the longest run of zero groups as `::`. */
export function addressText(bytes: Uint8Array, at = 0): string {
  const groups = Array.from({ length: 8 }, (_, i) => u16(bytes, at + 2 * i));
  let start = -1;
  let length = 1; // a single zero group is written out
  for (let i = 0; i < 8; i++) {
    let run = 0;
    while (i + run < 8 && groups[i + run] === 0) run++;
    if (run > length) [start, length] = [i, run];
    i += run;
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return start < 0 ? text(0, 8) : `${text(0, start)}::${text(start + length, 8)}`;
}

/** Reads any spelling of an IPv6 address without zone and without an IPv4 tail; null for anything else. */
export function parseAddress(text: string): Uint8Array | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const groups =
    tail === undefined
      ? (head ?? [])
      : [...(head ?? []), ...Array<string>(Math.max(0, 8 - (head?.length ?? 0) - tail.length)).fill('0'), ...tail];
  if (groups.length !== 8) return null;
  if (tail !== undefined && (head?.length ?? 0) + tail.length > 7) return null;
  const out = new Uint8Array(16);
  for (const [i, group] of groups.entries()) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return null;
    const value = Number.parseInt(group, 16);
    out[2 * i] = value >> 8;
    out[2 * i + 1] = value;
  }
  return out;
}

export function prefixText(prefix: Prefix): string {
  return `${addressText(prefix.bytes)}/${prefix.length}`;
}

/** Reads `address/length`, or a bare address as /128; null for anything else. */
export function parsePrefix(text: string): Prefix | null {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === null) return null;
  if (slash < 0) return prefixOf(address, 128);
  const length = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(length) || Number(length) > 128) return null;
  return prefixOf(address, Number(length));
}
