import { isIPv4, isIPv6 } from 'node:net';
import type { Address, Connection } from './metadata.ts';

/**
 * `1.2.3.4:9900` or `[::1]:9900`: what Rust's SocketAddr reads. No host names.
 *
 * @returns null for anything else
 */
export function parseAddress(text: string): Address | null {
  const found = /^(?:\[([0-9A-Fa-f:.]{2,45})\]|([0-9.]{7,15})):([0-9]{1,5})$/.exec(text);
  const [, six, four, digits] = found ?? [];
  const port = Number(digits);
  if (!found || port > 65_535) return null;
  if (four !== undefined) return isIPv4(four) ? { ip: Uint8Array.from(four.split('.'), Number), port } : null;
  if (six === undefined || !isIPv6(six)) return null;
  return { ip: ipv6Bytes(six), port };
}

/** @param text what `isIPv6` takes, without a zone */
function ipv6Bytes(text: string): Uint8Array {
  // An IPv4 tail is two groups.
  const plain = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...d: string[]) => {
    const [a = 0, b = 0, c = 0, e = 0] = d.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | e).toString(16)}`;
  });
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [head = '', tail] = plain.split('::');
  const [before, after] = [groups(head), groups(tail ?? '')];
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 255]));
}

/** As Rust writes it: IPv6 in brackets, lower case, the longest run of two or more zero groups left out (RFC 5952). */
export function formatAddress({ ip, port }: Address): string {
  return ip.length === 4 ? `${ip.join('.')}:${port}` : `[${formatIp(ip)}]:${port}`;
}

/** Without brackets and port. */
export function formatIp(ip: Uint8Array): string {
  if (ip.length === 4) return ip.join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((ip[2 * i] ?? 0) << 8) | (ip[2 * i + 1] ?? 0));
  // Rust writes the addresses of IPv4 within IPv6 with dots.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${ip.slice(12).join('.')}`;
  let best = { at: 0, length: 0 };
  for (let at = 0; at < 8; ) {
    let end = at;
    while (end < 8 && groups[end] === 0) end++;
    if (end - at > best.length) best = { at, length: end - at };
    at = Math.max(end, at + 1);
  }
  const hex = (part: number[]): string => part.map((group) => group.toString(16)).join(':');
  if (best.length < 2) return hex(groups);
  return `${hex(groups.slice(0, best.at))}::${hex(groups.slice(best.at + best.length))}`;
}

/** Tells backends apart in maps: two of one key are one namespace, entered in one way. */
export function keyOf({ address, namespace, password }: Connection): string {
  return JSON.stringify([formatAddress(address), namespace, password]);
}
