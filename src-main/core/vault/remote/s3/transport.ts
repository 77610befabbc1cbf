import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { pacedSlices } from '../../traffic/paced-stream.ts';
import type { Traffic } from '../../traffic/traffic.ts';
import type { Clock } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import type { S3Target } from './options.ts';
import { readRefusal } from './refusal.ts';

export interface Deadlines {
  /** Nothing arrives and nothing can be sent for so long: the server hangs. */
  readonly idleMs: number;
  /** A whole request, and for each byte of it so much more. */
  readonly requestMs: number;
  readonly msPerByte: number;
}

/** Below 8 KiB/s a place is no use. */
export const usualDeadlines: Deadlines = { idleMs: 20_000, requestMs: 45_000, msPerByte: 1 / 8 };

/** Of an answer that is not a success so much is read: enough for S3's reason, too little to hurt. */
const reasonBytes = 8 * 1024;
/** Of an answer whose body tells nothing. */
const boringBytes = 64 * 1024;

export interface Transport {
  /**
   * A `fetch` for the S3 client. Redirects are not followed (they would carry the signature elsewhere). Resolves with successes
   * only. @throws Refusal for any other answer, Trouble when there is none
   */
  readonly fetch: typeof fetch;
  close(): void;
}

/**
 * HTTP as a place needs it: few connections that are kept, bodies sent without being copied, deadlines on all of it, and nothing
 * of what a server sends is held beyond a bound.
 */
export function createTransport(
  target: S3Target,
  clock: Clock,
  connections: number,
  deadlines: Deadlines,
  traffic?: Traffic,
): Transport {
  const secure = target.url.startsWith('https:');
  const options = {
    keepAlive: true,
    maxSockets: connections,
    maxFreeSockets: connections,
    scheduling: 'lifo',
  } as const;
  const agent = secure ? new https.Agent(options) : new http.Agent(options);
  const running = new Set<(trouble: Trouble) => void>();
  const closed = new Trouble('closed', 'The connection was ended.');
  let isClosed = false;

  const ask = (url: string, init: RequestInit): Promise<Response> =>
    new Promise((resolve, reject) => {
      const headers = (init.headers ?? {}) as Record<string, string>;
      const request = (secure ? https : http).request(url, {
        method: init.method ?? 'GET',
        headers,
        agent,
        timeout: deadlines.idleMs,
      });
      const give = (trouble: Trouble): void => void request.destroy(trouble);
      const late = () => new Trouble('silent', `${target.host} does not answer in time.`);
      let cancel = (): void => {};
      const allow = (bytes: number): void => {
        cancel();
        cancel = clock.setTimer(deadlines.requestMs + bytes * deadlines.msPerByte, () => give(late()));
      };
      running.add(give);
      request.on('close', () => {
        cancel();
        running.delete(give);
      });
      request.on('timeout', () => give(late()));
      request.on('error', (error) => reject(troubleOf(target, error)));
      request.on('response', (response) => {
        allow(Number(response.headers['content-length'] ?? 0) || 0);
        takeResponse(target, init.method ?? 'GET', response, traffic).then(resolve, reject);
      });
      allow(Number(headers['content-length'] ?? 0));
      void send(request, init.body ?? null, traffic);
    });

  return {
    fetch: async (input, init = {}) => {
      if (isClosed) throw closed;
      return ask(String(input), init);
    },
    close() {
      isClosed = true;
      for (const give of running) give(closed);
      agent.destroy();
    },
  };
}

/** Bodies are what counts of it: what is around them is a few hundred bytes. */
async function send(request: http.ClientRequest, body: RequestInit['body'], traffic?: Traffic): Promise<void> {
  try {
    if (body instanceof ReadableStream) {
      for await (const piece of body as ReadableStream<Uint8Array>) {
        for await (const slice of pacedSlices(traffic?.up, piece)) {
          if (request.destroyed) return;
          if (!request.write(slice)) await drained(request);
        }
      }
    } else if (typeof body === 'string' && body !== '') {
      request.write(body);
    }
    request.end();
  } catch (error) {
    request.destroy(error as Error);
  }
}

/** As it comes, but no faster than it may. Whoever stops reading ends the response. */
async function* paced(response: Readable, { down }: Traffic): AsyncGenerator<Uint8Array> {
  for await (const piece of response as AsyncIterable<Uint8Array>) {
    await down.take(piece.length);
    yield piece;
  }
}

const drained = (request: http.ClientRequest): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      request.off('drain', go);
      request.off('close', go);
      resolve();
    };
    request.on('drain', go);
    request.on('close', go);
  });

async function takeResponse(
  target: S3Target,
  method: string,
  response: http.IncomingMessage,
  traffic?: Traffic,
): Promise<Response> {
  const status = response.statusCode ?? 0;
  const success = status >= 200 && status < 300;
  if (!success) throw readRefusal(target, status, (await firstBytes(target, response, reasonBytes)).toString('utf8'));
  const headers = new Headers();
  for (const name of ['content-length', 'content-range', 'etag', 'date'] as const) {
    const value = response.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  for (const [name, value] of Object.entries(response.headers)) {
    if (name.startsWith('x-amz-') && typeof value === 'string') headers.set(name, value);
  }
  if (method !== 'GET' || status === 204 || status === 205) {
    await firstBytes(target, response, boringBytes);
    return new Response(null, { status, headers });
  }
  response.on('error', () => {});
  if (traffic?.down.bounded()) return new Response(ReadableStream.from(paced(response, traffic)), { status, headers });
  // Counted as a whole: without a bound nothing has to wait for it.
  traffic?.down.take(Number(headers.get('content-length') ?? 0) || 0);
  return new Response(Readable.toWeb(response) as ReadableStream<Uint8Array>, { status, headers });
}

/** The beginning of a body; with what is beyond it the connection goes. */
async function firstBytes(target: S3Target, response: http.IncomingMessage, most: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of response as AsyncIterable<Buffer>) {
      pieces.push(piece);
      length += piece.length;
      if (length >= most) break;
    }
  } catch (error) {
    throw troubleOf(target, error);
  }
  return Buffer.concat(pieces).subarray(0, most);
}

/** Put what the network, TLS or the reader of HTTP said into words. */
export function troubleOf(target: S3Target, error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  // s3mini puts some errors of the wire into its own, by their codes.
  if (error instanceof Error && error.cause instanceof Trouble) return error.cause;
  const code = String((error as NodeJS.ErrnoException).code ?? '');
  const { host } = target;
  if (/^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS)/.test(code)) {
    return new Trouble('refused', `The certificate of ${host} cannot be trusted (${code}).`, {
      next: 'Check the address. A server with a certificate of its own must have it known to this computer.',
      cause: error,
    });
  }
  if (code === 'EPROTO' || code.startsWith('HPE_') || code.startsWith('ERR_SSL')) {
    return new Trouble('broken', `${host} does not answer as a web server does (${code}).`, {
      next: 'Check the port, and whether the address begins with https:// or http://.',
      cause: error,
    });
  }
  if (code === 'ENOTFOUND') {
    return new Trouble('silent', `There is no server named ${host}, or no network.`, { passing: false, cause: error });
  }
  const what = code === 'ECONNREFUSED' ? 'takes no connection' : 'cut the connection';
  return new Trouble('silent', `${host} ${what}${code ? ` (${code})` : ''}.`, { cause: error });
}
