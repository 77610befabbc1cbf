import { put16, put32 } from '../ip/bytes.ts';
import { finish as checksum, pseudoSum, sumOf } from '../ip/checksum.ts';
import { encodeIpv6, IPV6_HEADER, nextHeader, SOURCE_AT } from '../ip/ipv6.ts';
import { ACK, PSH, putSack, putSynOptions, putTimestamps, RST, type Segment, SYN, TCP_HEADER } from './segment.ts';
import { toWire } from './sequence.ts';
import { NEVER, type Path, type Tcb } from './tcb.ts';
import { windowField } from './window.ts';

/** Room that timestamps take in every segment's header. */
const TIMESTAMPS = 12;
const HOP_LIMIT = 64;

/**
 * Writes segments of connections as whole IPv6 packets, all into one buffer: a packet is lent to `output` and is overwritten by the
 * next. `output` must copy or send it before it returns, and must not call back into the stack.
 */
export class Transmitter {
  readonly #packet = new Uint8Array(IPV6_HEADER + 65_535);
  readonly #output: (packet: Uint8Array) => void;
  readonly #blocks = [0, 0, 0, 0, 0, 0, 0, 0];

  constructor(output: (packet: Uint8Array) => void) {
    this.#output = output;
  }

  /**
   * Send one segment with what is received acknowledged in it. @param position of its first byte, or of SYN or FIN.
   * @param length bytes of data from the send buffer.
   */
  segment(tcb: Tcb, now: number, flags: number, position: number, length: number): void {
    const b = this.#packet;
    const options = this.#options(tcb, now, flags);
    const header = TCP_HEADER + options;
    const all =
      flags | (tcb.state === 'syn-sent' ? 0 : ACK) | (length > 0 && position + length === tcb.out.end ? PSH : 0);
    if (length > 0) tcb.out.copy(position, length, b, IPV6_HEADER + header);
    put32(b, IPV6_HEADER + 4, toWire(position));
    put32(b, IPV6_HEADER + 8, all & ACK ? toWire(tcb.received) : 0);
    b[IPV6_HEADER + 12] = header << 2;
    b[IPV6_HEADER + 13] = all;
    put16(b, IPV6_HEADER + 14, windowField(tcb, (flags & SYN) !== 0));
    this.#finish(tcb.path, header + length);
    tcb.lastSent = now;
    tcb.lastAckSent = tcb.received;
    tcb.ackNow = false;
    tcb.ackAt = NEVER;
    tcb.unacknowledged = 0;
    tcb.duplicate = null;
  }

  /** The reset that answers a segment nobody has a connection for (RFC 9293 section 3.10.7.1). Never to a reset. */
  refuse(path: Path, segment: Segment): void {
    if (segment.flags & RST) return;
    if (segment.flags & ACK) {
      this.#bare(path, RST, segment.acknowledgement, 0);
    } else {
      const length = segment.dataLength + (segment.flags & SYN ? 1 : 0) + (segment.flags & 1);
      this.#bare(path, RST | ACK, 0, segment.sequence + length);
    }
  }

  /** Break off: a reset that the peer will believe, standing exactly where it expects the next byte (RFC 5961). */
  abort(tcb: Tcb): void {
    this.#bare(tcb.path, RST | ACK, tcb.next, tcb.received);
  }

  #bare(path: Path, flags: number, sequence: number, acknowledgement: number): void {
    const b = this.#packet;
    put32(b, IPV6_HEADER + 4, toWire(sequence));
    put32(b, IPV6_HEADER + 8, toWire(acknowledgement));
    b[IPV6_HEADER + 12] = TCP_HEADER << 2;
    b[IPV6_HEADER + 13] = flags;
    put16(b, IPV6_HEADER + 14, 0);
    this.#finish(path, TCP_HEADER);
  }

  #options(tcb: Tcb, now: number, flags: number): number {
    const b = this.#packet;
    const start = IPV6_HEADER + TCP_HEADER;
    let at = start;
    if (flags & SYN) {
      // An answer repeats only what the other side offered; an opening offers all.
      const opening = tcb.state === 'syn-sent';
      at += putSynOptions(b, at, {
        mss: tcb.env.pathMtu(tcb.path.remoteAddress) - IPV6_HEADER - TCP_HEADER,
        sackPermitted: opening || tcb.sackOk,
        ...(opening || tcb.sendScale >= 0 ? { scale: tcb.receiveScale } : {}),
      });
      if (opening || tcb.timestampsOk) at += putTimestamps(b, at, timestamp(tcb, now), tcb.recentTimestamp);
      return at - start;
    }
    if (tcb.timestampsOk) at += putTimestamps(b, at, timestamp(tcb, now), tcb.recentTimestamp);
    if (tcb.sackOk && (tcb.in.hasGap || tcb.duplicate !== null)) at += this.#sack(tcb, at);
    return at - start;
  }

  #sack(tcb: Tcb, at: number): number {
    const blocks = this.#blocks;
    const most = tcb.timestampsOk ? 3 : 4;
    let count = tcb.in.blocks(blocks, most);
    if (tcb.duplicate !== null) {
      // A duplicate is reported first, before the others (RFC 2883 section 4).
      count = Math.min(count, most - 1);
      blocks.copyWithin(2, 0, count * 2);
      blocks[0] = tcb.duplicate.start;
      blocks[1] = tcb.duplicate.end;
      count++;
    }
    return putSack(this.#packet, at, blocks, count);
  }

  #finish(path: Path, length: number): void {
    const b = this.#packet;
    encodeIpv6(b, 0, {
      ...{ trafficClass: 0, flowLabel: 0, payloadLength: length, nextHeader: nextHeader.tcp, hopLimit: HOP_LIMIT },
      ...{ source: path.localAddress, destination: path.remoteAddress },
    });
    put16(b, IPV6_HEADER, path.localPort);
    put16(b, IPV6_HEADER + 2, path.remotePort);
    put32(b, IPV6_HEADER + 16, 0);
    put16(
      b,
      IPV6_HEADER + 16,
      checksum(pseudoSum(b, SOURCE_AT, length, nextHeader.tcp) + sumOf(b, IPV6_HEADER, length)),
    );
    this.#output(b.subarray(0, IPV6_HEADER + length));
  }
}

/** TSval: a millisecond clock that begins elsewhere for every connection (RFC 7323 sections 5.4 and 7.1). */
export function timestamp(tcb: Tcb, now: number): number {
  return (Math.floor(now) + tcb.timestampOffset) >>> 0;
}

/** The round trip that an echoed timestamp tells, in milliseconds; null when it is none of ours. */
export function echoAge(tcb: Tcb, now: number, echo: number): number | null {
  const age = (Math.floor(now) + tcb.timestampOffset - echo) | 0;
  return age >= 0 && age < 600_000 ? age : null;
}

/** Most data a segment of this connection holds now: less where SACK blocks must go along. */
export function dataLimit(tcb: Tcb): number {
  const sack = tcb.sackOk && (tcb.in.hasGap || tcb.duplicate !== null) ? 4 + 8 * (tcb.timestampsOk ? 3 : 4) : 0;
  return tcb.mss - (tcb.timestampsOk ? TIMESTAMPS : 0) - sack;
}
