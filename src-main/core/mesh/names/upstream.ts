import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { concatBytes } from '#core/crypto/bytes.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { headerBytes, numbers } from './dns-message.ts';
import { readName } from './dns-name.ts';

/** A name server that the person named, for everything that is not ours. */
export interface Upstream {
  readonly address: string;
  readonly port: number;
}

const waitMs = 4_000;
const answerMost = 65_535;

/**
 * Ask the upstream what a program asked us, over the same transport. A new socket each time, so a new random port; and a new
 * random id: an answer counts when it comes from there, with that id and that question (RFC 5452).
 *
 * @returns the answer with the program's own id; null when there was none in time
 */
export function askUpstream(
  query: Uint8Array,
  over: 'udp' | 'tcp',
  upstream: Upstream,
  random: (n: number) => Uint8Array,
): Promise<Uint8Array | null> {
  const id = random(2);
  const asked = concatBytes(id, query.subarray(2));
  const question = questionOf(query);
  const accept = (answer: Uint8Array): Uint8Array | null => {
    const response = answer.length >= headerBytes && ((answer[2] ?? 0) & 0x80) !== 0;
    const theirs = response ? questionOf(answer) : null;
    if (question === null || theirs === null || !equalBytes(theirs, question)) return null;
    return equalBytes(answer.subarray(0, 2), id) ? concatBytes(query.subarray(0, 2), answer.subarray(2)) : null;
  };
  return over === 'udp' ? askUdp(asked, upstream, accept) : askTcp(asked, upstream, accept);
}

/** Name, type and class as they lie there; null when there is not exactly one question. */
function questionOf(message: Uint8Array): Uint8Array | null {
  if (message[4] !== 0 || message[5] !== 1) return null;
  const read = readName(message, headerBytes);
  return read && message.slice(headerBytes, read.end + 4);
}

type Accept = (answer: Uint8Array) => Uint8Array | null;

function askUdp(asked: Uint8Array, { address, port }: Upstream, accept: Accept): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const end = (answer: Uint8Array | null) => {
      clearTimeout(timer);
      socket.removeAllListeners();
      socket.on('error', () => {});
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(() => end(null), waitMs);
    timer.unref();
    socket.on('error', () => end(null));
    socket.on('message', (message) => {
      // A forged one is not the end of it: the true one may still come.
      const answer = accept(new Uint8Array(message));
      if (answer !== null) end(answer);
    });
    // Connected: the kernel drops datagrams from anywhere else.
    socket.connect(port, address, () => socket.send(asked));
  });
}

function askTcp(asked: Uint8Array, { address, port }: Upstream, accept: Accept): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    let got = new Uint8Array(0);
    const end = (answer: Uint8Array | null) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(null), waitMs);
    timer.unref();
    socket.on('error', () => end(null));
    socket.on('close', () => end(null));
    socket.on('connect', () => socket.write(concatBytes(numbers(asked.length), asked)));
    socket.on('data', (data) => {
      got = new Uint8Array(concatBytes(got, new Uint8Array(data)));
      if (got.length > answerMost + 2) return end(null);
      const length = got.length < 2 ? null : ((got[0] ?? 0) << 8) | (got[1] ?? 0);
      if (length !== null && got.length >= length + 2) end(accept(got.slice(2, length + 2)));
    });
  });
}
