import { put16, put32 } from '../ip/bytes.ts';
import { finish, pseudoSum, sumOf } from '../ip/checksum.ts';
import { encodeIpv6, IPV6_HEADER, nextHeader, SOURCE_AT, walkHeaders } from '../ip/ipv6.ts';
import { NetStack, type StackOptions } from '../stack.ts';
import type { Connection } from '../tcp/connection.ts';
import { ACK, createSegment, decodeSegment, type Segment, SYN } from '../tcp/segment.ts';
import { addressA, addressB } from './pair.ts';
import { Dice } from './random.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface RawSegment {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly seq: number;
  readonly ack?: number;
  readonly flags: number;
  readonly window?: number;
  readonly options?: readonly number[];
  readonly data?: Uint8Array;
  readonly from?: Uint8Array;
}

export const PEER_PORT = 7000;
export const PORT = 80;

/** One segment as a packet, from the peer to the stack under test. */
export function rawSegment(one: RawSegment): Uint8Array {
  const options = one.options ?? [];
  const data = one.data ?? new Uint8Array(0);
  const header = 20 + Math.ceil(options.length / 4) * 4;
  const length = header + data.length;
  const b = new Uint8Array(IPV6_HEADER + length);
  const source = one.from ?? addressB;
  encodeIpv6(b, 0, {
    ...{ trafficClass: 0, flowLabel: 0, payloadLength: length, nextHeader: nextHeader.tcp, hopLimit: 64 },
    ...{ source, destination: addressA },
  });
  put16(b, 40, one.sourcePort ?? PEER_PORT);
  put16(b, 42, one.destinationPort ?? PORT);
  put32(b, 44, one.seq >>> 0);
  put32(b, 48, (one.ack ?? 0) >>> 0);
  b[52] = header << 2;
  b[53] = one.flags;
  put16(b, 54, one.window ?? 65_535);
  b.set(options, 60);
  b.set(data, 40 + header);
  put16(b, 56, finish(pseudoSum(b, SOURCE_AT, length, nextHeader.tcp) + sumOf(b, 40, length)));
  return b;
}

/** A peer that says exactly what a test tells it to: a stack at {@link addressA} with its packets caught, in virtual time. */
export class RawPeer {
  readonly clock = new VirtualClock();
  readonly stack: NetStack;
  accepted: Connection | null = null;
  #out: Uint8Array[] = [];

  constructor(options: Partial<StackOptions> = {}) {
    const dice = new Dice(7);
    this.stack = new NetStack({
      ...{ address: addressA, mtu: 1400, clock: this.clock, random: (n) => dice.bytes(n) },
      output: (packet) => void this.#out.push(packet.slice()),
      ...options,
    });
  }

  send(...segments: RawSegment[]): void {
    this.stack.input(segments.map(rawSegment));
  }

  /** Packets sent since the last call. */
  packets(): Uint8Array[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  /** The same as segments. */
  segments(): Segment[] {
    return this.packets().flatMap((packet) => {
      const walk = walkHeaders(packet);
      const segment = createSegment();
      if (walk.kind !== 'upper' || walk.protocol !== nextHeader.tcp) return [];
      return decodeSegment(packet, walk.start, walk.end, segment) ? [segment] : [];
    });
  }

  /** Accept one connection of this peer with plain options (none but those given). @returns the stack's initial sequence number. */
  open(seq: number, options: readonly number[] = [], window = 65_535): { iss: number; connection: Connection } {
    this.stack.listen(PORT, (connection) => {
      this.accepted = connection;
    });
    this.send({ seq, flags: SYN, options, window });
    const answer = this.segments()[0];
    if (answer === undefined) throw new Error('the SYN was not answered');
    const iss = answer.sequence;
    this.send({
      seq: seq + 1,
      ack: iss + 1,
      flags: ACK,
      window,
      ...(answer.hasTimestamps ? { options: stamps(150, answer.timestamp) } : {}),
    });
    if (this.accepted === null) throw new Error('the connection was not accepted');
    return { iss, connection: this.accepted };
  }
}

/** The timestamps option. */
export function stamps(value: number, echo: number): number[] {
  const b = new Uint8Array(12);
  put32(b, 0, 0x0101080a);
  put32(b, 4, value);
  put32(b, 8, echo);
  return [...b];
}
