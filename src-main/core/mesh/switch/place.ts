import type { RouterLink } from '../netstack/ethernet/neighbor.ts';

/*
 * Where a machine is on the mesh: its card's MAC says its address. The lower half is the modified EUI-64 of the MAC (RFC 4291 appendix A),
 * so a guest that makes its address from a router's advertisement by that old rule arrives at the very one it is allowed, and others
 * are told it (decision 0010).
 */

/** The MAC (`52:54:00:12:34:56`) as 6 bytes; null for anything else, and for a group's. */
export function parseMac(text: string): Uint8Array | null {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return null;
  const bytes = Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16));
  return ((bytes[0] as number) & 1) === 1 ? null : bytes;
}

/** @param subnet the node's /64 (16 bytes, of which the upper 8 count) @param mac 6 bytes @returns 16 bytes */
export function machineAddress(subnet: Uint8Array, mac: Uint8Array): Uint8Array {
  const address = new Uint8Array(16);
  address.set(subnet.subarray(0, 8));
  address.set(mac.subarray(0, 3), 8);
  address.set([0xff, 0xfe], 11);
  address.set(mac.subarray(3, 6), 13);
  address[8] = (address[8] as number) ^ 2;
  return address;
}

/** The switch as guests see it: their router, at fe80::1. Its MAC is locally administered and the same on every cable. */
const routerMac = Uint8Array.of(0x02, 0x48, 0x59, 0x50, 0x48, 0x41);
export const routerAddress = Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** The mesh as a whole, 400::/7. */
const meshPrefix = Uint8Array.of(0x04, ...new Array<number>(15).fill(0));

/** What a guest is told by router advertisement: the MTU, the /64, and that 400::/7 lies behind this router. */
export function routerLink(subnet: Uint8Array, mtu: number): RouterLink {
  const route = { prefix: meshPrefix, length: 7 };
  return { mac: routerMac, address: routerAddress, mtu, prefix: subnet.slice(0, 16), route };
}
