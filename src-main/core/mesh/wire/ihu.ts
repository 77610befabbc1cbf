import { wildcard } from './address-encoding.ts';
import { putU16, u16 } from './big-endian.ts';

/**
 * "I heard you": the answer to each {@link Hello}, at once and never unasked, because the neighbour takes the time since its
 * last Hello for the latency of the link.
 *
 *   0  1  address encoding; 0, no address. With an address it would follow at 6; it says nothing here
 *   1  1  reserved, 0
 *   2  2  rx cost
 *   4  2  interval, centiseconds
 */
export interface Ihu {
  readonly type: 'ihu';
  readonly rxCost: number;
  /** Centiseconds; the daemon sends 6,000 and ignores what it gets. */
  readonly interval: number;
}

export const ihuType = 5;

export function encodeIhu(message: Ihu): Uint8Array {
  const out = new Uint8Array(6);
  out[0] = wildcard;
  putU16(out, 2, message.rxCost);
  putU16(out, 4, message.interval);
  return out;
}

export function decodeIhu(body: Uint8Array): Ihu | null {
  if (body.length < 6) return null;
  return { type: 'ihu', rxCost: u16(body, 2), interval: u16(body, 4) };
}
