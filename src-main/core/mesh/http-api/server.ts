import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from '#core/host.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { type Answer, badRequest, notFound, Refusal } from './answer.ts';
import { readJsonBody } from './body.ts';
import { refusalOf } from './guard.ts';
import { type ApiRequest, answerMessages, type MessageDeps } from './message-paths.ts';
import { answerAdmin, answerPublicKey } from './node-paths.ts';
import { defaultHttpApiLimits, type HttpApiLimits, type NodeView } from './ports.ts';

export interface HttpApiDeps extends Omit<MessageDeps, 'ttl'> {
  readonly node: NodeView;
  readonly log: Logger;
  readonly ttl?: number;
  readonly limits?: Partial<HttpApiLimits>;
}

/**
 * The Mycelium daemon's HTTP API (v0.7) for programs written for it, as far as is safe to offer. Like the daemon's it asks for
 * no password, so every program of every account of this computer can use it: it runs only when somebody starts it, carries
 * only the topics allowed, and changes nothing of the node.
 */
export interface HttpApi {
  /**
   * @param port 0 for any that is free; programs for the daemon look at 8989
   * @returns the port @throws Fail PORT_IN_USE
   */
  start(port: number): Promise<number>;
  /** Ends all connections, also those that wait for a message. */
  stop(): Promise<void>;
}

const prefix = '/api/v1/';
const daemonTtl = 300_000;

export function createHttpApi(deps: HttpApiDeps): HttpApi {
  const limits = { ...defaultHttpApiLimits, ...deps.limits };
  const messages: MessageDeps = { ...deps, ttl: deps.ttl ?? daemonTtl };
  let running: Server | null = null;

  const serve = async (request: IncomingMessage, response: ServerResponse, port: number): Promise<void> => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    let answer: Answer;
    try {
      const refusal = refusalOf(request, port);
      if (refusal !== null) throw refusal;
      answer = await route(deps.node, messages, parse(request, limits.body, gone.signal));
    } catch (error) {
      answer = answerTo(error, request, deps.log);
    }
    send(response, answer, limits.stall, deps.log);
  };

  return {
    async start(port) {
      if (running !== null) throw new Error('the interface runs already');
      const server = createServer({
        // How often the two times below are looked at.
        connectionsCheckingInterval: Math.min(limits.head, limits.request, 5_000),
        headersTimeout: limits.head,
        requestTimeout: limits.request,
        keepAliveTimeout: 5_000,
      });
      server.maxConnections = limits.connections;
      await listen(server, port);
      const actual = (server.address() as AddressInfo).port;
      server.on('request', (request, response) => {
        serve(request, response, actual).catch((error: unknown) => {
          deps.log.error({ error }, 'a request to the HTTP interface of the mesh could not be answered');
          response.destroy();
        });
      });
      // No free file descriptor for a caller is no reason to end the agent.
      server.on('error', (error) => deps.log.warn({ error }, 'the HTTP interface of the mesh met an error'));
      running = server;
      return actual;
    },
    async stop() {
      const server = running;
      running = null;
      if (server === null) return;
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function route(node: NodeView, messages: MessageDeps, request: ApiRequest): Promise<Answer> {
  switch (request.path[0]) {
    case 'messages':
      return answerMessages(messages, request);
    case 'admin':
      return answerAdmin(node, request);
    case 'pubkey':
      return answerPublicKey(node, request);
    default:
      throw notFound();
  }
}

function parse(request: IncomingMessage, body: number, gone: AbortSignal): ApiRequest {
  const url = request.url ?? '';
  const [path = '', ...query] = url.split('?');
  if (!path.startsWith(prefix)) throw notFound();
  let parts: string[];
  try {
    parts = path.slice(prefix.length).split('/').map(decodeURIComponent);
  } catch {
    throw badRequest('This is no address.');
  }
  return {
    method: request.method ?? '',
    path: parts,
    query: new URLSearchParams(query.join('?')),
    body: () => readJsonBody(request, body),
    gone,
  };
}

function answerTo(error: unknown, request: IncomingMessage, log: Logger): Answer {
  if (error instanceof Refusal) return error.answer;
  if (!isFail(error)) {
    // A client that leaves in the middle of its request ends up here as well; nobody reads this answer then.
    if (!request.destroyed) log.error({ error }, 'a request to the HTTP interface of the mesh failed');
    return { status: 500, text: 'Something went wrong inside Hypha; its log says more.' };
  }
  const status = statuses[error.code] ?? 500;
  return { status, text: [error.message, error.meaning, error.next].filter((one) => one !== undefined).join(' ') };
}

const statuses: Readonly<Record<string, number>> = {
  BAD_INPUT: 400,
  TOPIC_TOO_LONG: 400,
  MESSAGE_TOO_LARGE: 413,
  BUSY: 503,
  MESH_OFF: 503,
  NO_IDENTITY: 503,
  OUTBOX_FULL: 503,
  INBOX_FULL: 503,
  DISK_FULL: 503,
  DATABASE_DAMAGED: 503,
};

function send(response: ServerResponse, answer: Answer, stall: number, log: Logger): void {
  const { status, json, text, allow, sent, lost } = answer;
  let settled = false;
  const settle = (act: (() => void) | undefined): void => {
    if (settled) return;
    settled = true;
    try {
      act?.();
    } catch (error) {
      log.error({ error }, 'a message was handed out and could not be removed: it will be handed out again');
    }
  };
  if (response.destroyed || response.closed) {
    settle(lost);
    return;
  }
  response.on('finish', () => settle(sent));
  response.on('close', () => settle(lost));
  // Without a listener the connection ends: who takes nothing holds nothing up.
  response.setTimeout(stall);
  const type = json === undefined ? 'text/plain; charset=utf-8' : 'application/json';
  const body = json === undefined ? text : JSON.stringify(json);
  response.writeHead(status, {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(allow === undefined ? {} : { Allow: allow }),
    ...(body === undefined ? {} : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) }),
    // What is left of an unread body is not worth reading.
    ...(status >= 400 && status !== 408 ? { Connection: 'close' } : {}),
  });
  response.end(body);
}

const inUse = (port: number) =>
  fail('PORT_IN_USE', `Port ${port} of this computer cannot be used: another program has it, or may alone.`, {
    next: 'Choose another port, or 0 for any that is free.',
    data: { port },
  });

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(taken ? inUse(port) : error);
    };
    server.once('error', refused);
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', refused);
      resolve();
    });
  });
}
