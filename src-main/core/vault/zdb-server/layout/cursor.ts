/*
 * Places in a namespace as they cross the wire (specification 1.7). Both are opaque to clients.
 *   cursor of SCAN, RSCAN, KEYCUR, 17 bytes: u8 key length | u32 index file | u32 payload length | u32 index offset | u32 crc
 *   position of HISTORY, 8 bytes: u32 index file | u32 index offset; all zero: no version before
 */

export const cursorBytes = 17;
export const positionBytes = 8;

export interface Cursor {
  readonly keyLength: number;
  readonly file: number;
  readonly length: number;
  readonly offset: number;
  readonly crc: number;
}

export interface Position {
  readonly file: number;
  readonly offset: number;
}

export function encodeCursor(cursor: Cursor): Uint8Array {
  const bytes = new Uint8Array(cursorBytes);
  const at = new DataView(bytes.buffer);
  at.setUint8(0, cursor.keyLength);
  at.setUint32(1, cursor.file, true);
  at.setUint32(5, cursor.length, true);
  at.setUint32(9, cursor.offset, true);
  at.setUint32(13, cursor.crc, true);
  return bytes;
}

export function decodeCursor(bytes: Uint8Array): Cursor | null {
  if (bytes.length !== cursorBytes) return null;
  const at = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    keyLength: at.getUint8(0),
    file: at.getUint32(1, true),
    length: at.getUint32(5, true),
    offset: at.getUint32(9, true),
    crc: at.getUint32(13, true),
  };
}

export function encodePosition(position: Position): Uint8Array {
  const bytes = new Uint8Array(positionBytes);
  const at = new DataView(bytes.buffer);
  at.setUint32(0, position.file, true);
  at.setUint32(4, position.offset, true);
  return bytes;
}

export function decodePosition(bytes: Uint8Array): Position | null {
  if (bytes.length !== positionBytes) return null;
  const at = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { file: at.getUint32(0, true), offset: at.getUint32(4, true) };
}
