import { badInput, inUse, noPort, tooMany } from './errors.ts';
import { guarded } from './guarded.ts';
import type { IcmpError } from './ip/icmp-errors.ts';
import { icmpType, unreachableCode } from './ip/icmpv6.ts';
import { IPV6_HEADER, SOURCE_AT } from './ip/ipv6.ts';
import { decodeUdp, encodeUdp, UDP_HEADER } from './ip/udp.ts';

/** A bound UDP port. */
export interface UdpPort {
  readonly port: number;
  /** Send one datagram. @throws BAD_INPUT when it does not fit the link: this stack does not fragment. */
  send(address: Uint8Array, port: number, data: Uint8Array): void;
  close(): void;
}

/** One datagram arrived; `data` is the receiver's own. */
export type OnDatagram = (data: Uint8Array, address: Uint8Array, port: number) => void;

export interface UdpHostOptions {
  readonly address: Uint8Array;
  readonly mtu: number;
  readonly random: (n: number) => Uint8Array;
  readonly output: (packet: Uint8Array) => void;
  readonly sendError: (offending: Uint8Array, error: IcmpError) => void;
}

const maxPorts = 4096;

/** UDP of one address. Holds no datagrams: each is handed over as it comes. */
export class UdpHost {
  readonly #options: UdpHostOptions;
  readonly #ports = new Map<number, OnDatagram>();

  constructor(options: UdpHostOptions) {
    this.#options = options;
  }

  /** One UDP datagram of a packet for our address. */
  input(packet: Uint8Array, start: number, end: number): void {
    const datagram = decodeUdp(packet, start, end);
    if (datagram === null) return;
    const receive = this.#ports.get(datagram.destinationPort);
    if (receive === undefined) {
      this.#options.sendError(packet, { type: icmpType.unreachable, code: unreachableCode.port });
      return;
    }
    const data = datagram.data.slice();
    const from = packet.slice(SOURCE_AT, SOURCE_AT + 16);
    guarded(() => receive(data, from, datagram.sourcePort));
  }

  /** Take a port; 0 chooses a free one. @throws IN_USE, BUSY */
  bind(port: number, receive: OnDatagram): UdpPort {
    const chosen = port === 0 ? this.#freePort() : port;
    if (this.#ports.has(chosen)) throw inUse(chosen);
    if (this.#ports.size >= maxPorts) throw tooMany();
    this.#ports.set(chosen, receive);
    const { address: source, mtu, output } = this.#options;
    const most = mtu - IPV6_HEADER - UDP_HEADER;
    return {
      port: chosen,
      send(destination, destinationPort, data) {
        if (data.length > most) throw badInput(`A datagram holds at most ${most} bytes on this link.`);
        output(encodeUdp({ source, destination, hopLimit: 64 }, { sourcePort: chosen, destinationPort, data }));
      },
      close: () => void (this.#ports.get(chosen) === receive && this.#ports.delete(chosen)),
    };
  }

  #freePort(): number {
    const [a = 0, b = 0] = this.#options.random(2);
    for (let i = 0; i < 16_384; i++) {
      const port = 49_152 + ((((a << 8) | b) + i) % 16_384);
      if (!this.#ports.has(port)) return port;
    }
    throw noPort();
  }
}
