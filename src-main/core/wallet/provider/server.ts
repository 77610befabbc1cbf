import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import type { Host, Logger } from '#core/host.ts';
import { siteSchema } from '#shared/contract/wallet/sites.ts';
import { fail } from '#shared/rpc/fail.ts';
import { ProviderError } from './answers.ts';
import { createRates } from './rates.ts';

const maxBody = 512 * 1024;
const maxConnections = 64;

const questionSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string().max(100), z.number(), z.null()]).optional(),
  method: z.string().max(100),
  params: z.unknown().optional(),
});

export type Answer = (site: string, method: string, params: unknown, signal: AbortSignal) => Promise<unknown>;

export interface ProviderServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * JSON-RPC for web pages, on loopback alone. A page is known by its `Origin`, which browsers write and pages cannot; who sends none is no page and
 * gets nothing. `Host` must be loopback, so that no name that was turned round to here (DNS rebinding) gets in.
 *
 * @param port 0 for any that is free
 * @throws Fail PORT_TAKEN
 */
export async function serveSites(
  port: number,
  answer: Answer,
  host: Pick<Host, 'now'>,
  log: Logger,
): Promise<ProviderServer> {
  const rates = createRates(host);
  let own = 0;
  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      log.warn({ error: String(error) }, 'a question of a site failed');
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 20_000;
  server.maxConnections = maxConnections;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refuse = (status: number, text: string) => {
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
      response.end(`${text}\n`);
    };
    const { host: named, origin = '' } = request.headers;
    if (![`127.0.0.1:${own}`, `localhost:${own}`].includes(named?.toLowerCase() ?? ''))
      return refuse(421, 'This address does not belong to the wallet.');
    if (!siteSchema.safeParse(origin).success) return refuse(403, 'Only web pages are answered here.');
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('vary', 'Origin');
    response.setHeader('cache-control', 'no-store');
    if (request.method === 'OPTIONS') {
      response.writeHead(204, {
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type',
        'access-control-allow-private-network': 'true',
        'access-control-max-age': '600',
      });
      return void response.end();
    }
    if (request.method !== 'POST') return refuse(405, 'Only POST is answered here.');
    // Such a request a page cannot send without having asked (CORS): a form of a page that nobody looks at ends here.
    if (!/^application\/json\b/.test(request.headers['content-type'] ?? ''))
      return refuse(415, 'Send application/json.');
    if (!rates.take(origin)) return refuse(429, 'Too many questions.');
    const body = await readBody(request);
    if (body === null) return refuse(413, 'Too long.');
    const parsed = questionSchema.safeParse(jsonOf(body));
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const say = (what: object) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: parsed.data?.id ?? null, ...what }));
    };
    if (!parsed.success) return say({ error: { code: -32_600, message: 'Invalid Request' } });
    try {
      say({ result: (await answer(origin, parsed.data.method, parsed.data.params, gone.signal)) ?? null });
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const { code, message, data } = error;
      say({ error: { code, message, ...(data === undefined ? {} : { data }) } });
    }
  }

  await listening(server, port);
  own = (server.address() as AddressInfo).port;
  return {
    port: own,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        fail('PORT_TAKEN', `The port ${port} cannot be used: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`, {
          meaning: 'No web page can reach the wallet.',
          next: 'Name another port.',
        }),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
}

/** Null when it is too long. */
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

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
