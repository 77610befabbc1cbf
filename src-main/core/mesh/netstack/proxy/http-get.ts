import { request } from 'node:http';
import { fail } from '#shared/rpc/fail.ts';
import { cancelled, reset } from '../errors.ts';
import { createHttpAgent } from './http-agent.ts';
import type { Dialer } from './ports.ts';

export interface HttpQuestion {
  readonly method: 'GET' | 'HEAD';
  /** An address or a name of the mesh. */
  readonly host: string;
  readonly port: number;
  /** With the query, as it goes on the wire. */
  readonly path: string;
  /** Bytes of the body that are taken at most. */
  readonly most: number;
  /** Milliseconds for all of it. */
  readonly timeout: number;
}

export interface HttpAnswer {
  readonly status: number;
  readonly statusText: string;
  /** In the order they came, names in lower case. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  /** The body goes on. */
  readonly more: boolean;
}

/** Headers that are taken, all together. */
const headerBytes = 32 * 1024;

/**
 * Ask a web server on the mesh once. Redirects are told and not followed, nothing is kept, no cookies are sent.
 *
 * @throws Fail REFUSED, UNREACHABLE, RESET, TIMED_OUT, BUSY of the connection; BAD_ANSWER for what is no HTTP; CANCELLED by `signal`
 */
export async function httpGet(
  dialer: Dialer,
  { method, host, port, path, most, timeout }: HttpQuestion,
  setTimer: (ms: number, fire: () => void) => () => void,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const over = new AbortController();
  const giveUp = (): void => over.abort();
  signal?.addEventListener('abort', giveUp);
  let late = false;
  const cancel = setTimer(timeout, () => {
    late = true;
    over.abort();
  });
  try {
    return await new Promise<HttpAnswer>((resolve, reject) => {
      const asked = request({
        ...{ method, host, port, path },
        agent: createHttpAgent(dialer, over.signal),
        signal: over.signal,
        maxHeaderSize: headerBytes,
        headers: { host: hostHeader(host, port), accept: '*/*', 'accept-encoding': 'identity' },
      });
      asked.on('error', reject);
      // Not every answer that is given up ends with an error: one that nobody waits for any more does not.
      over.signal.addEventListener('abort', () => reject(cancelled()));
      // Who goes on in another protocol, which nobody asked for, gives no page.
      asked.on('upgrade', (_, socket) => {
        socket.destroy();
        reject(noAnswer());
      });
      asked.on('response', (response) => {
        const pieces: Buffer[] = [];
        let length = 0;
        const answer = (more: boolean): void => {
          const { rawHeaders } = response;
          const headers = rawHeaders.flatMap((name, i): [string, string][] =>
            i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? '']] : [],
          );
          const body = Uint8Array.from(Buffer.concat(pieces).subarray(0, most));
          resolve({ status: response.statusCode ?? 0, statusText: response.statusMessage ?? '', headers, body, more });
        };
        if ((response.statusCode ?? 0) < 200) {
          response.destroy();
          reject(noAnswer());
          return;
        }
        if (method === 'HEAD') {
          // Some send a body all the same.
          answer(false);
          response.destroy();
          return;
        }
        response.on('data', (piece: Buffer) => {
          pieces.push(piece);
          length += piece.length;
          if (length <= most) return;
          answer(true);
          response.destroy();
        });
        response.on('end', () => answer(false));
        response.on('error', reject);
      });
      asked.end();
    });
  } catch (error) {
    if (late) throw tooSlow(timeout);
    throw notHttp(error);
  } finally {
    cancel();
    signal?.removeEventListener('abort', giveUp);
    over.abort();
  }
}

const hostHeader = (host: string, port: number): string => {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === 80 ? name : `${name}:${port}`;
};

const tooSlow = (timeout: number) =>
  fail('TIMED_OUT', `The answer did not come whole within ${Math.round(timeout / 1000)} seconds.`, {
    next: 'Try again, or ask what stands in the way: mesh diagnose.',
  });

/** Failures of the connection are ours already; those of Node's reader are of what came. */
function notHttp(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (code === 'ECONNRESET') return reset();
  if (code === 'HPE_HEADER_OVERFLOW') {
    return fail('BAD_ANSWER', `What the server says of the page is longer than ${headerBytes / 1024} KiB.`);
  }
  return typeof code === 'string' && code.startsWith('HPE_') ? noAnswer() : error;
}

const noAnswer = () =>
  fail('BAD_ANSWER', 'What came is not the answer of a web server.', {
    next: 'Check the port: something else may listen there.',
  });
