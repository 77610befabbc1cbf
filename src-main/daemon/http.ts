import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import type { Caller } from '#core/broker/handlers.ts';
import type { Logger } from '#core/host.ts';
import { vaultContract } from '#shared/contract/vault.ts';
import type { Dispatcher } from '#shared/rpc/dispatcher.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { commonHeaders } from '../security/csp.ts';
import { answerMedia } from '../security/media.ts';
import type { Auth } from './auth.ts';
import { isOwnHost, isOwnOrigin } from './origin.ts';
import { sendStatic } from './static-files.ts';

export interface HttpOptions {
  /** Directory of the built interface. */
  readonly renderer: string;
  readonly auth: Auth;
  readonly dispatcher: Dispatcher<Caller>;
  readonly log: Logger;
  /** The port listened on; known after listening. */
  port(): number;
}

const sessionRequest = z.object({ token: z.string().min(1).max(256) });
const maxBody = 4096;

/**
 * The daemon's web server, for loopback only. `/` and what it loads need no token, because the shell of the interface
 * holds no data. `POST /session` exchanges a one-time token. `/media/<ticket>/<name>` streams one file of the vault to
 * who holds the ticket. There is no CORS: no other origin reads anything.
 */
export function createHttpServer(options: HttpOptions): Server {
  const { log } = options;
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value);
    answer(options, request, response).catch((error: unknown) => {
      // A browser that leaves mid-download ends the pipeline; that is no fault.
      if (response.headersSent) return void response.destroy();
      log.error({ error, path: (request.url ?? '').split('?')[0]?.split('/')[1] }, 'a web request failed');
      refuse(response, 500, 'Something went wrong inside the agent; its log says more.');
    });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 30_000;
  server.maxConnections = 256;
  return server;
}

async function answer(options: HttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { host, origin } = request.headers;
  if (!isOwnHost(host, options.port())) {
    return refuse(response, 421, 'This address does not belong to Hypha. Open the link that Hypha printed.');
  }
  if (origin !== undefined && !isOwnOrigin(origin, host, options.port())) {
    return refuse(response, 403, 'Another page may not use this agent.');
  }
  const path = URL.parse(request.url ?? '/', 'http://local')?.pathname;
  if (path === undefined) return refuse(response, 400, 'This is no address.');
  if (path === '/session') return openSession(options, request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(response, 405, 'Only GET is answered here.');
  }
  const head = request.method === 'HEAD';
  if (path.startsWith('/media/')) return sendMedia(options, path, request, response);
  if (await sendStatic(options.renderer, path, head, response)) return;
  if (path === '/') return refuse(response, 503, 'The interface is not built yet. Run: npm run build');
  refuse(response, 404, 'There is nothing here.');
}

async function openSession(options: HttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { host, origin } = request.headers;
  if (request.method !== 'POST') {
    response.setHeader('Allow', 'POST');
    return refuse(response, 405, 'Only POST is answered here.');
  }
  // Unlike elsewhere the origin must be there: browsers send it with every POST.
  if (!isOwnOrigin(origin, host, options.port())) return refuse(response, 403, 'Another page may not use this agent.');
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) {
    return refuse(response, 415, 'Send application/json.');
  }
  const body = await readBody(request);
  const parsed = body === null ? null : sessionRequest.safeParse(parseJson(body));
  if (!parsed?.success) return refuse(response, 400, 'Send {"token": "…"}.');
  const session = await options.auth.redeem(parsed.data.token);
  if (session === null) {
    return refuse(response, 403, 'This link was used already or is too old. Make a new one with: hypha open');
  }
  sendJson(response, 200, { session });
}

/** A ticket is 128 bits of randomness and short-lived; holding it is the right to the one file it names. */
async function sendMedia(
  { dispatcher, port }: HttpOptions,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return refuse(response, 403, 'Another page may not use this agent.');
  }
  const ticket = path.split('/')[2] ?? '';
  const caller: Caller = { connection: `http-${port()}`, face: 'shell', name: 'Web server', person: false };
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const file = vaultContract['vault.redeem'].output.parse(
      await dispatcher.invoke(caller, 'vault.redeem', { ticket }, gone.signal),
    );
    const { status, headers, range } = answerMedia(file, request.headers.range);
    response.writeHead(status, headers);
    if (request.method === 'HEAD' || range === null || range.length === 0) return void response.end();
    const chunks = dispatcher.stream(
      caller,
      'vault.readTicket',
      { ticket, offset: range.offset, length: range.length },
      gone.signal,
    );
    await pipeline(Readable.from(chunks, { objectMode: true, highWaterMark: 2 }), response);
  } catch (error) {
    if (response.headersSent || !isFail(error)) throw error;
    const known = error.code === 'NOT_FOUND' || error.code === 'BAD_INPUT';
    refuse(response, known ? 404 : error.code === 'LOCKED' ? 403 : 500, error.message);
  }
}

/** The whole body as text, or null when it is too long. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(text);
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const text = `${message}\n`;
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Security-Policy': "default-src 'none'",
    'Cache-Control': 'no-store',
    // What is left of an unread body is not worth reading.
    ...(status >= 400 ? { Connection: 'close' } : {}),
  });
  response.end(text);
}
