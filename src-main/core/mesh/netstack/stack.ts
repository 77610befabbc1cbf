import type { Clock } from './clock.ts';
import { badInput } from './errors.ts';
import { IcmpHost, type PingAnswer, type PingOptions } from './icmp-host.ts';
import { isLoopback, isMulticast, isUnspecified } from './ip/address.ts';
import { equalAt } from './ip/bytes.ts';
import { icmpType } from './ip/icmpv6.ts';
import { DESTINATION_AT, IPV6_HEADER, MIN_MTU, nextHeader, SOURCE_AT, walkHeaders } from './ip/ipv6.ts';
import { PathMtus } from './path-mtu.ts';
import { type TcpConfig, tcpDefaults } from './tcp/config.ts';
import type { Connection } from './tcp/connection.ts';
import type { ListenOptions, TcpListener } from './tcp/listener.ts';
import { TcpHost } from './tcp/tcp-host.ts';
import { type OnDatagram, UdpHost, type UdpPort } from './udp-host.ts';

/** Packets to ourselves that wait at once: more than any window holds of them would be a storm. */
const MOST_LOOPED = 8192;

export interface StackOptions {
  /** The address that is this host, 16 bytes. Packets for others are not ours and are dropped. */
  readonly address: Uint8Array;
  /** Largest packet of the link, IPv6 header included; at least 1280. */
  readonly mtu: number;
  /** For destinations that the link takes larger packets to; TCP uses them where both ends do. {@link StackOptions.mtu} by default. */
  readonly mtuTo?: (address: Uint8Array) => number;
  readonly clock: Clock;
  /** Cryptographically strong random bytes. */
  readonly random: (n: number) => Uint8Array;
  /** Send one packet. It is lent: copied or sent on before the call returns, which must not call the stack. */
  readonly output: (packet: Uint8Array) => void;
  /** Answer echo requests; on by default. */
  readonly answerPings?: boolean;
  readonly tcp?: Partial<TcpConfig>;
  /** Bytes that the buffers of all connections together may come to. */
  readonly memory?: number;
  /** Connections at once, in any state. */
  readonly maxConnections?: number;
}

export interface StackCounters {
  readonly packetsIn: number;
  readonly packetsOut: number;
  /** Packets that were malformed, not for us, or of a kind that is not spoken here. */
  readonly dropped: number;
}

/**
 * An IPv6 host in user space (RFC 8504 as far as a host without a link of its own needs it): ICMPv6, UDP, TCP. Pure: clock,
 * randomness and packets come in as arguments, nothing else is touched.
 */
export class NetStack {
  readonly address: Uint8Array;
  readonly mtu: number;
  readonly clock: Clock;
  readonly tcp: TcpHost;
  readonly #icmp: IcmpHost;
  readonly #udp: UdpHost;
  #looped: Uint8Array[] = [];
  #packetsIn = 0;
  #packetsOut = 0;
  #dropped = 0;

  constructor(options: StackOptions) {
    const { address, mtu, clock, random } = options;
    if (address.length !== 16 || isMulticast(address) || isUnspecified(address))
      throw badInput('That is no address for a host.');
    if (!Number.isInteger(mtu) || mtu < MIN_MTU || mtu > 65_535) throw badInput('An MTU is from 1280 to 65535.');
    this.address = address.slice();
    this.mtu = mtu;
    this.clock = clock;
    const output = (packet: Uint8Array): void => {
      if (equalAt(packet, DESTINATION_AT, this.address, 0, 16)) {
        this.#loopBack(packet);
        return;
      }
      this.#packetsOut++;
      options.output(packet);
    };
    const shared = { address: this.address, clock, random, output };
    this.tcp = new TcpHost({
      ...shared,
      mtus: new PathMtus(options.mtuTo ?? (() => mtu)),
      config: { ...tcpDefaults, ...options.tcp },
      memory: options.memory ?? 268_435_456,
      maxConnections: options.maxConnections ?? 4096,
    });
    this.#icmp = new IcmpHost({
      ...shared,
      answers: options.answerPings ?? true,
      onTcpError: (type, reason, word, quote) => this.tcp.icmpError(type, reason, word, quote),
    });
    this.#udp = new UdpHost({
      ...shared,
      mtu,
      sendError: (offending, error) => this.#icmp.sendError(offending, error),
    });
  }

  get counters(): StackCounters {
    return { packetsIn: this.#packetsIn, packetsOut: this.#packetsOut, dropped: this.#dropped };
  }

  /**
   * Take in packets that arrived together. They are lent: what is kept is copied. Answers go out once at the end, so a
   * burst costs one acknowledgement and not one each.
   */
  input(packets: readonly Uint8Array[]): void {
    this.tcp.begin();
    try {
      for (const packet of packets) this.#one(packet);
    } finally {
      this.tcp.end();
    }
  }

  /** Open a TCP connection, in the synchronous form; see {@link connectSocket} for a stream. @throws BUSY, BAD_INPUT */
  connect(address: Uint8Array, port: number): Connection {
    if (address.length !== 16 || isMulticast(address) || isUnspecified(address))
      throw badInput('That is no address to connect to.');
    if (!Number.isInteger(port) || port < 1 || port > 65_535) throw badInput('A port is from 1 to 65535.');
    return this.tcp.connect(address, port);
  }

  /** Accept TCP connections; port 0 chooses a free one. @throws IN_USE, BUSY, BAD_INPUT */
  listen(port: number, accept: (connection: Connection) => void, options: ListenOptions = {}): TcpListener {
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw badInput('A port is from 0 to 65535.');
    return this.tcp.listen(port, options, accept);
  }

  bindUdp(port: number, receive: OnDatagram): UdpPort {
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw badInput('A port is from 0 to 65535.');
    return this.#udp.bind(port, receive);
  }

  ping(address: Uint8Array, options: PingOptions = {}): Promise<PingAnswer> {
    return this.#icmp.ping(address, options);
  }

  /** Break off every connection and stop listening. */
  close(): void {
    this.tcp.close();
  }

  /** To ourselves: comes in again as soon as what is going on has ended. The link would not know where to take it. */
  #loopBack(packet: Uint8Array): void {
    if (this.#looped.length >= MOST_LOOPED) return;
    if (this.#looped.push(packet.slice()) > 1) return;
    this.clock.setTimer(0, () => {
      const packets = this.#looped;
      this.#looped = [];
      this.input(packets);
    });
  }

  #one(packet: Uint8Array): void {
    this.#packetsIn++;
    const walk = walkHeaders(packet);
    const ours = packet.length >= IPV6_HEADER && equalAt(packet, DESTINATION_AT, this.address, 0, 16);
    const forged = isMulticast(packet, SOURCE_AT) || isUnspecified(packet, SOURCE_AT) || isLoopback(packet, SOURCE_AT);
    if (walk.kind === 'drop' || !ours || forged) {
      this.#dropped++;
      return;
    }
    if (walk.kind === 'problem') {
      this.#dropped++;
      this.#icmp.sendError(packet, {
        ...{ type: icmpType.parameterProblem, code: walk.code },
        ...{ word: walk.pointer, evenToMulticast: walk.evenToMulticast },
      });
      return;
    }
    // A segment padded by its link is read as long as its header says, not as long as the frame.
    const { protocol, start, end } = walk;
    if (protocol === nextHeader.tcp) this.tcp.input(packet, start, end);
    else if (protocol === nextHeader.udp) this.#udp.input(packet, start, end);
    else if (protocol === nextHeader.icmp) this.#icmp.input(packet, start, end);
  }
}
