import { putU16, u16 } from './big-endian.ts';

/*
 * Every packet on a link begins with four bytes; there is no overall length, which follows from the body.
 *
 *   0  1  version, 1; anything else ends the link
 *   1  1  type: 0 data, 1 control; anything else ends the link
 *   2  2  reserved: 0, ignored
 *
 * Data packet (type 0), after it:
 *
 *   4  1  reserved, 0
 *   5  2  body length L
 *   7  1  hop limit
 *   8 16  source address
 *  24 16  destination address
 *  40  L  body
 *
 * Control packet (type 1), after it the header of RFC 8966 section 4.2 with another version:
 *
 *   4  1  magic, 42
 *   5  1  version, 3
 *   6  2  body length B
 *   8  B  TLVs; what others send holds exactly one
 *
 * Source: Mycelium v0.7.10 (docs/formats/mesh.md).
 */

export const packetVersion = 1;
export const dataType = 0;
export const controlType = 1;

export const dataHeaderBytes = 40;
export const maxBodyBytes = 0xffff;
export const hopLimitAt = 7;
export const sourceAt = 8;
export const destinationAt = 24;

export const controlHeaderBytes = 8;
export const babelMagic = 42;
export const babelVersion = 3;

/**
 * The length of the packet that begins at `at`, as far as can be told from the bytes before `end`.
 *
 * @returns bytes; 0 when more must arrive before it can be told; -1 when this is no packet, which ends the link
 */
export function packetLength(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 1) return 0;
  if (bytes[at] !== packetVersion) return -1;
  if (end - at < 2) return 0;
  const type = bytes[at + 1];
  if (type === dataType) return end - at < hopLimitAt ? 0 : dataHeaderBytes + u16(bytes, at + 5);
  if (type === controlType) return end - at < controlHeaderBytes ? 0 : controlHeaderBytes + u16(bytes, at + 6);
  return -1;
}

/** One data packet, its parts views into the bytes it was read from. */
export interface DataPacket {
  readonly hopLimit: number;
  /** 16 bytes. */
  readonly source: Uint8Array;
  /** 16 bytes. */
  readonly destination: Uint8Array;
  /** What is sealed end to end: ciphertext, tag, nonce. At most 65,535 bytes. */
  readonly body: Uint8Array;
}

/** Write the 40 header bytes of a data packet whose body is, or will be, behind them. */
export function putDataHeader(
  target: Uint8Array,
  at: number,
  bodyBytes: number,
  hopLimit: number,
  source: Uint8Array,
  destination: Uint8Array,
): void {
  target[at] = packetVersion;
  target[at + 1] = dataType;
  target[at + 2] = 0;
  target[at + 3] = 0;
  target[at + 4] = 0;
  putU16(target, at + 5, bodyBytes);
  target[at + hopLimitAt] = hopLimit;
  target.set(source, at + sourceAt);
  target.set(destination, at + destinationAt);
}

/** @throws RangeError when the body is too long or an address has not 16 bytes */
export function encodeDataPacket(packet: DataPacket): Uint8Array {
  if (packet.body.length > maxBodyBytes) throw new RangeError(`a body of ${packet.body.length} bytes fits no packet`);
  if (packet.source.length !== 16 || packet.destination.length !== 16) throw new RangeError('an address has 16 bytes');
  const out = new Uint8Array(dataHeaderBytes + packet.body.length);
  putDataHeader(out, 0, packet.body.length, packet.hopLimit, packet.source, packet.destination);
  out.set(packet.body, dataHeaderBytes);
  return out;
}

/** @returns null when the bytes are not exactly one data packet */
export function decodeDataPacket(bytes: Uint8Array): DataPacket | null {
  if (bytes[1] !== dataType || packetLength(bytes, 0, bytes.length) !== bytes.length) return null;
  return {
    hopLimit: bytes[hopLimitAt] as number,
    source: bytes.subarray(sourceAt, destinationAt),
    destination: bytes.subarray(destinationAt, dataHeaderBytes),
    body: bytes.subarray(dataHeaderBytes),
  };
}
