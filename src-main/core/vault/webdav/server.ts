import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Host, Logger } from '#core/host.ts';
import type { Core, Session } from '../core.ts';
import { createLender } from '../pool/lender.ts';
import { type Auth, createAuth } from './auth.ts';
import { asDavError, badRequest, DavError, errorBody, noSuch } from './dav-error.ts';
import { openDeadProperties } from './dead-properties.ts';
import type { Disk, Exchange } from './exchange.ts';
import { parseIf, tokensOf } from './if-header.ts';
import { type DiskLimits, defaultDiskLimits } from './limits.ts';
import { createLocks } from './locks.ts';
import { get } from './methods/get.ts';
import { lock, unlock } from './methods/locking.ts';
import { propfind, propfindTop } from './methods/propfind.ts';
import { proppatch } from './methods/proppatch.ts';
import { put } from './methods/put.ts';
import { copy, mkcol, move, remove } from './methods/structure.ts';
import { parseAddress, parsePath } from './paths.ts';

export interface DiskOptions {
  readonly core: Core;
  readonly session: Session;
  readonly host: Host;
  readonly log: Logger;
  readonly home: string;
  /** What is kept of the password. */
  readonly verifier: Uint8Array;
  /** The port wanted; where it is taken another is. Null for any. */
  readonly port: number | null;
  readonly limits?: Partial<DiskLimits>;
}
export interface RunningDisk {
  readonly port: number;
  connections(): number;
  /** Ends every connection at once, whatever is under way on it. */
  close(): Promise<void>;
}

type Method = (disk: Disk, exchange: Exchange) => Promise<void> | void;
const methods: Readonly<Record<string, Method>> = {
  GET: get,
  HEAD: get,
  PUT: put,
  DELETE: remove,
  MKCOL: mkcol,
  COPY: copy,
  MOVE: move,
  PROPFIND: propfind,
  PROPPATCH: proppatch,
  LOCK: lock,
  UNLOCK: unlock,
};
const allow = ['OPTIONS', ...Object.keys(methods)].join(', ');

/** The vault as a WebDAV server (RFC 4918, classes 1 and 2) on loopback, as long as its session lasts. */
export async function startDisk(options: DiskOptions): Promise<RunningDisk> {
  const { core, session, host, log, home, verifier } = options;
  const limits = { ...defaultDiskLimits, ...options.limits };
  const dead = openDeadProperties(home, session, (n) => host.random(n), log);
  const server = createServer({
    headersTimeout: limits.head,
    // A large file may take hours; that it goes on is watched by the silence of its connection.
    requestTimeout: 0,
    keepAliveTimeout: 30_000,
    connectionsCheckingInterval: Math.min(limits.head, 5_000),
    maxHeaderSize: 16 * 1024,
  });
  server.maxConnections = limits.connections;
  server.timeout = limits.silence;
  // No free file descriptor for a caller is no reason to end the agent.
  server.on('error', (error) => log.warn({ error: String(error) }, 'the WebDAV disk met an error'));
  let port: number;
  try {
    port = await listen(server, options.port);
  } catch (error) {
    dead.close();
    throw error;
  }
  const hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  const lanes = createLender(Array.from({ length: limits.puts }, (_, i) => i));
  const disk: Disk = {
    core,
    session,
    locks: createLocks(() => host.now()),
    dead,
    log,
    hosts,
    lanes,
    silence: limits.silence,
  };
  const auth = createAuth(verifier, host);
  const under = new Set<AbortController>();
  let closed = false;
  const sockets = new Set<Socket>();
  const running = new Set<Promise<void>>();

  const serve = (request: IncomingMessage, response: ServerResponse, waits: boolean): void => {
    const gone = new AbortController();
    under.add(gone);
    if (closed) gone.abort(new DavError(503, 'The vault is locked.'));
    response.on('close', () => {
      if (!response.writableFinished) gone.abort(new DavError(400, 'The connection ended.'));
    });
    const arrival: Arrival = { request, response, signal: gone.signal, waits, host };
    const work = answer(disk, auth, arrival)
      .catch((error: unknown) => refuse(error, arrival, log))
      .finally(() => {
        running.delete(work);
        under.delete(gone);
        drain(request, limits.drain);
      });
    running.add(work);
  };
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('request', (request, response) => serve(request, response, false));
  server.on('checkContinue', (request, response) => serve(request, response, true));

  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      closed = true;
      session.signal.removeEventListener('abort', onLock);
      for (const one of under) one.abort(new DavError(503, 'The vault is locked.'));
      const ended = new Promise<void>((done) => server.close(() => done()));
      for (const socket of sockets) socket.destroy();
      await ended;
      // What is being written down is written down; the properties' database is used until then.
      await Promise.all(running);
      dead.close();
    })();
    return closing;
  };
  const onLock = (): void => {
    close().catch((error: unknown) => log.warn({ error: String(error) }, 'the WebDAV disk did not close in order'));
  };
  session.signal.addEventListener('abort', onLock, { once: true });
  return { port, connections: () => sockets.size, close };
}

interface Arrival {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
  /** The client waits to be told to send its body. */
  readonly waits: boolean;
  readonly host: Host;
}

async function answer(disk: Disk, auth: Auth, arrival: Arrival): Promise<void> {
  const { request, response, signal, waits, host } = arrival;
  const method = request.method ?? '';
  // Nothing of the vault runs or is shown as a page of this address.
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "sandbox; default-src 'none'");
  response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
  response.setHeader('Cache-Control', 'no-store');
  notFromPages(request, disk.hosts);
  if (signal.aborted) throw new DavError(503, 'The vault is locked.');

  if (method === 'OPTIONS') {
    // Before a password: it tells nothing of the vault, and Windows and macOS ask this first of all.
    const dav = { DAV: '1, 2', 'MS-Author-Via': 'DAV', Allow: allow };
    response.writeHead(200, { ...dav, 'Content-Length': 0 }).end();
    return;
  }
  const url = request.url ?? '/';
  const result = auth.check({ method, url, authorization: request.headers.authorization });
  if (result !== 'in') {
    const hold = result === 'wrong' ? auth.wrong() : 0;
    if (hold > 0) await pause(host, hold, signal);
    response.setHeader('WWW-Authenticate', auth.challenges(result === 'stale'));
    throw new DavError(401, 'This is your vault: use the name and the password that Hypha showed.');
  }

  const run = methods[method];
  if (!run) {
    response.setHeader('Allow', allow);
    throw new DavError(method === 'POST' || method === 'PATCH' ? 405 : 501, 'This is not done here.');
  }
  const path = url.startsWith('/') ? parsePath(url) : parseAddress(url, disk.hosts);
  const header = request.headers.if;
  const lists = header === undefined ? [] : parseIf(String(header));
  if (lists === null) throw badRequest('The If header is not well-formed.');
  const exchange: Exchange = {
    method,
    path: typeof path === 'string' || path === null ? [] : path,
    request,
    response,
    signal,
    lists,
    tokens: tokensOf(lists),
    goOn() {
      if (waits) response.writeContinue();
    },
  };
  // Bodies of the other methods are small: whoever waits to send one may do so at once.
  if (method !== 'PUT') exchange.goOn();
  if (path === null) {
    if (method === 'PROPFIND') return propfindTop(disk, exchange);
    throw new DavError(method === 'GET' || method === 'HEAD' ? 404 : 403, 'The vault is a folder of this address.');
  }
  if (path === 'outside') throw noSuch();
  if (typeof path === 'string') throw badRequest('This is no address of this disk.');
  await run(disk, exchange);
}

/**
 * Pages in a browser can send requests to loopback: with `Origin`, or as images and links, which `Sec-Fetch-Site` tells, and
 * by DNS rebinding under a name of their own, which `Host` tells. File managers send none of these.
 */
function notFromPages(request: IncomingMessage, hosts: ReadonlySet<string>): void {
  const said = request.headersDistinct.host ?? [];
  if (said.length !== 1 || !hosts.has((said[0] ?? '').toLowerCase())) {
    throw new DavError(421, 'This disk answers on loopback only, by its address or as localhost.');
  }
  const { origin, 'sec-fetch-site': site } = request.headers;
  if (origin !== undefined || (site !== undefined && site !== 'none')) {
    throw new DavError(403, 'This disk is for programs of this computer, not for pages in a browser.');
  }
}

function refuse(error: unknown, { request, response, signal, waits }: Arrival, log: Logger): void {
  if (response.headersSent || response.destroyed || request.socket.destroyed) {
    response.destroy();
    return;
  }
  const known = asDavError(signal.aborted ? signal.reason : error);
  if (!known) log.error({ error: String(error), method: request.method }, 'a request to the WebDAV disk failed');
  const told = known ?? new DavError(500, 'Something went wrong inside Hypha; its log says more.');
  const { type, text } = errorBody(told);
  // Whether the body that was announced will come nobody knows: what follows could not be told from it.
  if (waits && !request.complete) response.setHeader('Connection', 'close');
  response.writeHead(told.status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text) });
  response.end(request.method === 'HEAD' ? undefined : text);
}

/** Read on what is left of a request that was answered before its end, up to a point: a closed door tells nobody why. */
function drain(request: IncomingMessage, most: number): void {
  if (request.complete || request.destroyed) return;
  let left = most;
  request.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left < 0) request.destroy();
  });
  request.on('error', () => {});
  request.resume();
}

function pause(host: Host, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = host.setTimer(ms, resolve);
    signal.addEventListener('abort', () => {
      cancel();
      resolve();
    });
  });
}

/** On the port wanted; where that is taken, on any. */
async function listen(server: Server, wanted: number | null): Promise<number> {
  const on = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(error);
      server.once('error', failed);
      server.listen({ host: '127.0.0.1', port }, () => {
        server.off('error', failed);
        resolve();
      });
    });
  try {
    await on(wanted ?? 0);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (wanted === null || (code !== 'EADDRINUSE' && code !== 'EACCES')) throw error;
    await on(0);
  }
  return (server.address() as AddressInfo).port;
}
