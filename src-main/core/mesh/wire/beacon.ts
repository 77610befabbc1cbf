import { putU16, u16 } from './big-endian.ts';
import { type RouterId, routerIdBytes, routerIdOf } from './router-id.ts';

/**
 * Local discovery: a datagram to the group ff02::cafe, UDP port 9650, on every link, each minute. Not authenticated.
 *
 *   0  8  ASCII "mycelium"
 *   8  2  TCP port the sender listens on
 *  10 40  router id of the sender
 */
export interface Beacon {
  readonly port: number;
  readonly routerId: RouterId;
}

export const beaconPort = 9650;
export const beaconGroup = 'ff02::cafe';
export const beaconBytes = 10 + routerIdBytes;
const magic = Uint8Array.from('mycelium', (letter) => letter.charCodeAt(0));

export function encodeBeacon(beacon: Beacon): Uint8Array {
  const out = new Uint8Array(beaconBytes);
  out.set(magic);
  putU16(out, 8, beacon.port);
  out.set(beacon.routerId.bytes, 10);
  return out;
}

/** @returns null when the datagram is no beacon */
export function decodeBeacon(bytes: Uint8Array): Beacon | null {
  if (bytes.length !== beaconBytes || !magic.every((byte, i) => bytes[i] === byte)) return null;
  return { port: u16(bytes, 8), routerId: routerIdOf(bytes, 10) };
}
