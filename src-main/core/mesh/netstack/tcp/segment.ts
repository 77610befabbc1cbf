import { put16, put32, u8, u16, u32 } from '../ip/bytes.ts';
import { isRight, pseudoSum, sumOf } from '../ip/checksum.ts';
import { nextHeader, SOURCE_AT } from '../ip/ipv6.ts';

/*
 * TCP segment (RFC 9293 section 3.1), after the IPv6 header:
 *
 *   0   source port (2)
 *   2   destination port (2)
 *   4   sequence number (4)
 *   8   acknowledgement number (4)
 *   12  data offset in units of 4 bytes (4 bits), reserved (4), flags (8): CWR ECE URG ACK PSH RST SYN FIN
 *   14  window (2)
 *   16  checksum (2) over the pseudo-header and the whole segment
 *   18  urgent pointer (2), not used (RFC 6093)
 *   20  options up to the data offset, at most 40 bytes
 *
 * Options: kind (1), then but for 0 (end) and 1 (no operation) length (1) with both counted, data:
 *   2   maximum segment size: 2 bytes, on SYN only (RFC 9293 section 3.7.1)
 *   3   window scale: 1 byte, on SYN only (RFC 7323 section 2)
 *   4   SACK permitted: no data, on SYN only (RFC 2018 section 2)
 *   5   SACK: pairs of 4-byte left and right edges (RFC 2018 section 3)
 *   8   timestamps: value (4), echo reply (4) (RFC 7323 section 3)
 */
export const TCP_HEADER = 20;
export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

/** What a segment says. One object is filled again for every packet, so that receiving makes no garbage. */
export interface Segment {
  sourcePort: number;
  destinationPort: number;
  /** On the wire: 32 bits. */
  sequence: number;
  acknowledgement: number;
  flags: number;
  /** As sent, not scaled. */
  window: number;
  /** 0 when absent. */
  mss: number;
  /** Window scale; -1 when absent. */
  scale: number;
  sackPermitted: boolean;
  hasTimestamps: boolean;
  timestamp: number;
  echo: number;
  /** SACK blocks as pairs of wire sequence numbers; `sackCount` of them count. */
  readonly sacks: number[];
  sackCount: number;
  /** Where the data lies: lent, good until the packet's buffer is used again. */
  packet: Uint8Array;
  dataAt: number;
  dataLength: number;
}

export function createSegment(): Segment {
  return {
    ...{ sourcePort: 0, destinationPort: 0, sequence: 0, acknowledgement: 0, flags: 0, window: 0 },
    ...{ mss: 0, scale: -1, sackPermitted: false, hasTimestamps: false, timestamp: 0, echo: 0 },
    ...{ sacks: [0, 0, 0, 0, 0, 0, 0, 0], sackCount: 0, packet: new Uint8Array(0), dataAt: 0, dataLength: 0 },
  };
}

/**
 * Read the segment at `start`..`end` of an IPv6 packet into `into`. Options that are unknown, or known with a length they cannot have,
 * are passed over; a malformed option list ends there. @returns false when the segment is malformed or its checksum is wrong.
 */
export function decodeSegment(packet: Uint8Array, start: number, end: number, into: Segment): boolean {
  const length = end - start;
  if (length < TCP_HEADER || end > packet.length) return false;
  const header = (u8(packet, start + 12) >>> 4) * 4;
  if (header < TCP_HEADER || header > length) return false;
  if (!isRight(pseudoSum(packet, SOURCE_AT, length, nextHeader.tcp) + sumOf(packet, start, length))) return false;
  into.sourcePort = u16(packet, start);
  into.destinationPort = u16(packet, start + 2);
  into.sequence = u32(packet, start + 4);
  into.acknowledgement = u32(packet, start + 8);
  into.flags = u8(packet, start + 13);
  into.window = u16(packet, start + 14);
  into.packet = packet;
  into.dataAt = start + header;
  into.dataLength = length - header;
  into.mss = 0;
  into.scale = -1;
  into.sackPermitted = false;
  into.hasTimestamps = false;
  into.sackCount = 0;
  if (header > TCP_HEADER) decodeOptions(packet, start + TCP_HEADER, start + header, into);
  return true;
}

function decodeOptions(b: Uint8Array, from: number, end: number, into: Segment): void {
  // The layout that nearly every segment has (RFC 7323 appendix A).
  if (end - from === 12 && u32(b, from) === 0x0101080a) {
    into.hasTimestamps = true;
    into.timestamp = u32(b, from + 4);
    into.echo = u32(b, from + 8);
    return;
  }
  for (let at = from; at < end; ) {
    const kind = u8(b, at);
    if (kind === 0) return;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = at + 1 < end ? u8(b, at + 1) : 0;
    if (length < 2 || at + length > end) return;
    decodeOption(b, at, kind, length, into);
    at += length;
  }
}

function decodeOption(b: Uint8Array, at: number, kind: number, length: number, into: Segment): void {
  const syn = (into.flags & SYN) !== 0;
  if (kind === 2 && length === 4 && syn) into.mss = u16(b, at + 2);
  else if (kind === 3 && length === 3 && syn) into.scale = Math.min(14, u8(b, at + 2));
  else if (kind === 4 && length === 2 && syn) into.sackPermitted = true;
  else if (kind === 8 && length === 10) {
    into.hasTimestamps = true;
    into.timestamp = u32(b, at + 2);
    into.echo = u32(b, at + 6);
  } else if (kind === 5 && length >= 10 && (length - 2) % 8 === 0) {
    into.sackCount = Math.min(4, (length - 2) / 8);
    for (let i = 0; i < into.sackCount * 2; i++) into.sacks[i] = u32(b, at + 2 + i * 4);
  }
}

/** Options of one segment to send. Absent ones are not written. */
export interface SegmentOptions {
  readonly mss?: number;
  readonly scale?: number;
  readonly sackPermitted?: boolean;
}

export function putTimestamps(b: Uint8Array, at: number, value: number, echo: number): number {
  put32(b, at, 0x0101080a);
  put32(b, at + 4, value);
  put32(b, at + 8, echo);
  return 12;
}

/** Blocks as pairs of positions. @returns bytes written, a multiple of 4. */
export function putSack(b: Uint8Array, at: number, blocks: readonly number[], count: number): number {
  if (count === 0) return 0;
  put32(b, at, 0x01010500 | (2 + count * 8));
  for (let i = 0; i < count * 2; i++) put32(b, at + 4 + i * 4, (blocks[i] ?? 0) >>> 0);
  return 4 + count * 8;
}

/** Options of a SYN. @returns bytes written, a multiple of 4. */
export function putSynOptions(b: Uint8Array, at: number, options: SegmentOptions): number {
  let to = at;
  if (options.mss !== undefined) {
    put16(b, to, 0x0204);
    put16(b, to + 2, options.mss);
    to += 4;
  }
  if (options.sackPermitted) {
    put32(b, to, 0x01010402);
    to += 4;
  }
  if (options.scale !== undefined) {
    put32(b, to, 0x01030300 | options.scale);
    to += 4;
  }
  return to - at;
}
