import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { utf8 } from '#core/crypto/bytes.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import type { Logger } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { OwnSession } from '../../ports.ts';

/** Bytes of one question, or of a list of them. */
const longestBody = 1 << 20;
const mostConnections = 32;
const headMs = 10_000;
const requestMs = 30_000;

export interface LoopbackDeps {
  readonly log: Logger;
  /** One conversation for all who ask here. @throws Fail NO_LEDGER */
  readonly session: () => OwnSession;
}

export interface LoopbackAs {
  /** 0 for any that is free. */
  readonly port: number;
  /** Stands in the address: whoever knows it may ask. */
  readonly token: string;
  /** Of pages in a browser that may ask, as `https://example.org`. */
  readonly origins: readonly string[];
}

export interface Loopback {
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * The own ledger over HTTP for programs of this computer that are made for chains: JSON-RPC at `/TOKEN`. A page in a browser can send to a
 * loopback port too: with its `Origin`, which has to be one that the person named, or under a name of its own, which `Host` tells.
 *
 * @throws Fail PORT_IN_USE
 */
export async function openLoopback({ log, session }: LoopbackDeps, as: LoopbackAs): Promise<Loopback> {
  const server = createServer({
    headersTimeout: headMs,
    requestTimeout: requestMs,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: 5_000,
  });
  server.maxConnections = mostConnections;
  await listen(server, as.port);
  const { port } = server.address() as AddressInfo;
  let asked: OwnSession | null = null;
  const ask = (text: string): Promise<string | null> => {
    asked ??= session();
    return asked.ask(text);
  };
  server.on('error', (error) => log.warn({ error: String(error) }, 'the RPC address of the ledger met an error'));
  server.on('request', (request, response) => {
    answer(request, response, as, port, ask).catch((error: unknown) => {
      log.warn({ error: String(error) }, 'a question at the RPC address of the ledger was not answered');
      if (response.headersSent) response.destroy();
      else send(response, 503, 'The ledger does not answer at the moment.');
    });
  });
  return {
    port,
    async stop() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
      asked?.end();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { token, origins }: LoopbackAs,
  port: number,
  ask: (text: string) => Promise<string | null>,
): Promise<void> {
  // Before anything is said: an answer to a question that still arrives is lost with the connection.
  const body = await read(request);
  const hosts = request.headersDistinct.host ?? [];
  if (hosts.length !== 1 || ![`127.0.0.1:${port}`, `localhost:${port}`].includes((hosts[0] ?? '').toLowerCase())) {
    return send(response, 421, 'This address answers on loopback only.');
  }
  const { origin } = request.headers;
  if (origin !== undefined) {
    if (!origins.includes(origin)) return send(response, 403, 'This page is not allowed to use the ledger.');
    response.setHeader('Access-Control-Allow-Origin', origin);
    response.setHeader('Vary', 'Origin');
    response.setHeader('Access-Control-Allow-Headers', 'content-type');
    response.setHeader('Access-Control-Allow-Methods', 'POST');
    // Chromium asks for this before a page of the web may reach this computer.
    response.setHeader('Access-Control-Allow-Private-Network', 'true');
  }
  const given = utf8((request.url ?? '').replace(/^\//, '').replace(/[/?].*$/s, ''));
  if (!equalBytes(given, utf8(token))) return send(response, 404, 'There is nothing here.');
  if (request.method === 'OPTIONS') return send(response, 204);
  if (request.method !== 'POST') return send(response, 405, 'Questions are sent with POST.');
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return send(response, 415, 'Questions are sent as application/json.');
  }
  if (body === null) return send(response, 413, `A question has at most ${longestBody} bytes.`);
  const text = await ask(body);
  if (text === null) return send(response, 204);
  send(response, 200, text, 'application/json');
}

/** @returns null for what is too long */
async function read(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= longestBody) chunks.push(chunk);
  }
  return size > longestBody ? null : Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, status: number, body?: string, type = 'text/plain; charset=utf-8'): void {
  if (response.destroyed) return;
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(body === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }),
  });
  response.end(body);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(
        taken
          ? fail('PORT_IN_USE', `Port ${port} of this computer cannot be used: another program has it, or may alone.`, {
              meaning: 'Nothing was opened.',
              next: 'Choose another port, or leave it out for any that is free.',
            })
          : error,
      );
    };
    server.once('error', refused);
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', refused);
      resolve();
    });
  });
}
