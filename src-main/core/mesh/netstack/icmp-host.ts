import type { Clock } from './clock.ts';
import { cancelled, timedOut } from './errors.ts';
import { isMulticast, isUnspecified, sameAddress } from './ip/address.ts';
import { u8, u32 } from './ip/bytes.ts';
import { createBucket, type IcmpError, icmpErrorFor } from './ip/icmp-errors.ts';
import { decodeIcmp, decodeQuote, encodeIcmp, icmpType, type Quote, unreachableCode } from './ip/icmpv6.ts';
import { DESTINATION_AT, IPV6_HEADER, nextHeader, SOURCE_AT } from './ip/ipv6.ts';

export interface PingOptions {
  /** Hops the question may take; small values make a trace. */
  readonly hopLimit?: number;
  /** Bytes of data in it. */
  readonly size?: number;
  /** Milliseconds to wait. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** Who answered an echo request, with what, after how many milliseconds. */
export interface PingAnswer {
  readonly kind: 'reply' | 'hop-limit' | 'unreachable' | 'too-big';
  readonly from: Uint8Array;
  readonly ms: number;
  /** Why not, in plain words, where the kind is 'unreachable'. */
  readonly reason?: string;
}

/** A question that waits for its answer. */
interface Waiting {
  readonly sentAt: number;
  readonly destination: Uint8Array;
  answer(answer: PingAnswer): void;
}

export interface IcmpHostOptions {
  readonly address: Uint8Array;
  readonly clock: Clock;
  readonly random: (n: number) => Uint8Array;
  readonly output: (packet: Uint8Array) => void;
  /** Whether echo requests are answered. */
  readonly answers: boolean;
  /** An error about a packet of ours that was TCP. */
  readonly onTcpError: (type: number, reason: string, word: number, quote: Quote) => void;
}

/** ICMPv6 of one address: answers echo requests, asks them, sends errors (not too many), and passes on those that come. */
export class IcmpHost {
  readonly #options: IcmpHostOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #errors = createBucket(100, 50);
  readonly #echoes = createBucket(1000, 200);

  constructor(options: IcmpHostOptions) {
    this.#options = options;
  }

  /** One ICMPv6 message of a packet for our address. */
  input(packet: Uint8Array, start: number, end: number): void {
    const message = decodeIcmp(packet, start, end);
    if (message === null) return;
    if (message.type === icmpType.echoRequest) {
      if (!this.#options.answers) return;
      if (isMulticast(packet, SOURCE_AT) || isUnspecified(packet, SOURCE_AT)) return;
      if (!this.#echoes.take(this.#options.clock.now())) return;
      const destination = packet.subarray(SOURCE_AT, SOURCE_AT + 16);
      const envelope = { source: this.#options.address, destination, hopLimit: 64 };
      this.#options.output(encodeIcmp(envelope, { ...message, type: icmpType.echoReply, code: 0 }));
    } else if (message.type === icmpType.echoReply) {
      this.#answered(message.word, packet, 'reply');
    } else if (message.type < 128) {
      this.#error(message.type, message.code, message.word, message.body, packet);
    }
  }

  /** Tell the sender of `offending` what is wrong with it, where that is allowed and not too often. */
  sendError(offending: Uint8Array, error: IcmpError): void {
    const packet = icmpErrorFor(offending, this.#options.address, error);
    if (packet !== null && this.#errors.take(this.#options.clock.now())) this.#options.output(packet);
  }

  /** Ask an address for an echo. Resolves with whoever answered first. @throws TIMED_OUT, CANCELLED */
  ping(address: Uint8Array, options: PingOptions = {}): Promise<PingAnswer> {
    const { clock, random, output, address: source } = this.#options;
    options.signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const word = u32(random(4), 0);
      const stop = (): void => {
        this.#waiting.delete(word);
        cancelTimer();
        options.signal?.removeEventListener('abort', onAbort);
      };
      const onAbort = (): void => {
        stop();
        reject(cancelled());
      };
      const cancelTimer = clock.setTimer(options.timeout ?? 5000, () => {
        stop();
        reject(timedOut());
      });
      options.signal?.addEventListener('abort', onAbort);
      this.#waiting.set(word, {
        sentAt: clock.now(),
        destination: address,
        answer(answer) {
          stop();
          resolve(answer);
        },
      });
      const body = random(Math.min(options.size ?? 32, 1200));
      const envelope = { source, destination: address, hopLimit: options.hopLimit ?? 64 };
      output(encodeIcmp(envelope, { type: icmpType.echoRequest, code: 0, word, body }));
    });
  }

  #answered(word: number, packet: Uint8Array, kind: PingAnswer['kind'], reason?: string): void {
    const waiting = this.#waiting.get(word);
    if (waiting === undefined) return;
    const from = packet.slice(SOURCE_AT, SOURCE_AT + 16);
    if (kind === 'reply' && !sameAddress(from, waiting.destination)) return;
    waiting.answer({
      kind,
      from,
      ms: this.#options.clock.now() - waiting.sentAt,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  #error(type: number, code: number, word: number, body: Uint8Array, packet: Uint8Array): void {
    const quote = decodeQuote(body);
    if (quote === null || !sameAddress(quote.source, this.#options.address)) return;
    const reason = reasonOf(type, code);
    if (quote.protocol === nextHeader.tcp) this.#options.onTcpError(type, reason, word, quote);
    else if (quote.protocol === nextHeader.icmp && u8(body, IPV6_HEADER) === icmpType.echoRequest) {
      const kind = type === icmpType.timeExceeded ? 'hop-limit' : type === icmpType.tooBig ? 'too-big' : 'unreachable';
      const asked = this.#waiting.get(u32(body, IPV6_HEADER + 4));
      if (asked !== undefined && sameAddress(asked.destination, body.subarray(DESTINATION_AT, DESTINATION_AT + 16))) {
        this.#answered(u32(body, IPV6_HEADER + 4), packet, kind, kind === 'unreachable' ? reason : undefined);
      }
    }
  }
}

/** Why a packet did not arrive, in plain words. */
function reasonOf(type: number, code: number): string {
  if (type === icmpType.timeExceeded) return 'it takes too many hops';
  if (type === icmpType.tooBig) return 'the packet is too big for the path';
  if (type !== icmpType.unreachable) return 'the packet was not understood';
  switch (code) {
    case unreachableCode.noRoute:
      return 'no route leads there';
    case unreachableCode.prohibited:
    case unreachableCode.policy:
    case unreachableCode.reject:
      return 'a firewall or policy forbids it';
    case unreachableCode.port:
      return 'nothing listens at that port';
    default:
      return 'nobody has that address';
  }
}
