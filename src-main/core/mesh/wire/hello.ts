import { putU16, u16 } from './big-endian.ts';

/**
 * Asks the neighbour for an {@link Ihu}, from whose delay the link's cost is measured.
 *
 *   0  2  flags; 0x8000, unicast
 *   2  2  seqno, for each neighbour from 0
 *   4  2  interval, centiseconds
 */
export interface Hello {
  readonly type: 'hello';
  readonly seqno: number;
  /** Centiseconds until the next. */
  readonly interval: number;
}

export const helloType = 4;
const unicast = 0x8000;

export function encodeHello(message: Hello): Uint8Array {
  const out = new Uint8Array(6);
  putU16(out, 0, unicast);
  putU16(out, 2, message.seqno);
  putU16(out, 4, message.interval);
  return out;
}

export function decodeHello(body: Uint8Array): Hello | null {
  if (body.length < 6) return null;
  return { type: 'hello', seqno: u16(body, 2), interval: u16(body, 4) };
}
