import type { Duplex } from 'node:stream';
import { equalBytes } from '#core/crypto/equal.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Clock } from '../clock.ts';
import { acceptCalls, type Call, type CallServer } from './accept-calls.ts';
import { HandshakeReader } from './handshake-reader.ts';
import type { Dialer, Listener, Target } from './ports.ts';
import {
  decodeAuthentication,
  decodeGreeting,
  decodeRequest,
  encodeChoice,
  encodeReply,
  encodeStatus,
  NO_METHOD,
  PASSWORD,
  type ReplyCode,
  reply,
} from './socks-codec.ts';
import { splice } from './splice.ts';

/** From the first byte to the end of the request. */
const HANDSHAKE_TIME = 30_000;

export interface SocksOptions {
  readonly listener: Listener;
  readonly dialer: Dialer;
  readonly clock: Clock;
  /** Asked of every client: a loopback port is open to every program of this computer. */
  readonly user: string;
  readonly password: string;
  /** A connection could not be made. */
  readonly onFailure?: (error: unknown, target: Target) => void;
}

/** A SOCKS 5 proxy (RFC 1928): CONNECT with user name and password (RFC 1929), and nothing else. Names go to the dialer as they are. */
export function openSocks(options: SocksOptions): Promise<CallServer> {
  return acceptCalls(options.listener, (call) => serve(options, call));
}

async function serve(options: SocksOptions, { stream, abort, traffic }: Call): Promise<void> {
  const stopClock = options.clock.setTimer(HANDSHAKE_TIME, () => void stream.destroy());
  const reader = new HandshakeReader(stream);
  const gone = (): void => abort.abort();
  stream.once('close', gone);
  const target = await shakeHands(options, stream, reader).finally(stopClock);
  if (target === null) return endAfter(stream);
  let inside: Duplex;
  try {
    inside = await options.dialer.dial(target, abort.signal);
  } catch (error) {
    if (!abort.signal.aborted) options.onFailure?.(error, target);
    stream.write(encodeReply(replyFor(error)));
    return endAfter(stream);
  }
  stream.off('close', gone);
  stream.write(encodeReply(reply.succeeded));
  // What the client sent along with its request is the connection's first data.
  reader.release();
  await splice(stream, inside, traffic);
}

/** Everything up to the request. @returns where to connect to; null when the client was told why not. */
async function shakeHands(options: SocksOptions, stream: Duplex, reader: HandshakeReader): Promise<Target | null> {
  const greeting = await reader.next(decodeGreeting);
  if (greeting.kind === 'wrong') return null;
  if (!greeting.value.includes(PASSWORD)) {
    stream.write(encodeChoice(NO_METHOD));
    return null;
  }
  stream.write(encodeChoice(PASSWORD));
  const credentials = await reader.next(decodeAuthentication);
  if (credentials.kind === 'wrong') return null;
  const { user, password } = credentials.value;
  // Both are compared, and in constant time: neither tells by itself whether it was right.
  const right = [equalText(user, options.user), equalText(password, options.password)].every(Boolean);
  stream.write(encodeStatus(right));
  if (!right) return null;
  const request = await reader.next(decodeRequest);
  if (request.kind === 'message') return request.value;
  stream.write(encodeReply(request.code));
  return null;
}

const equalText = (given: Uint8Array, wanted: string): boolean => equalBytes(given, new TextEncoder().encode(wanted));

/** Let the last words arrive before the connection goes. */
function endAfter(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    stream.once('close', () => resolve());
    stream.end(() => resolve());
  });
}

function replyFor(error: unknown): ReplyCode {
  if (isFail(error, 'REFUSED')) return reply.refused;
  if (isFail(error, 'UNREACHABLE')) return reply.hostUnreachable;
  if (isFail(error, 'TIMED_OUT')) return reply.timedOut;
  if (isFail(error, 'FORBIDDEN')) return reply.notAllowed;
  return reply.failure;
}
