import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pacedSlices } from '../traffic/paced-stream.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { messageMostBytes } from './format/asking.ts';
import type { Plainly } from './serve.ts';

/** Connections of one contact, and questions of theirs that are answered at one time. */
const connectionsMost = 16;
const questionsMost = 6;
const headerBytes = 4096;
/** In which a question has to come whole; mesh links may be slow. */
const questionMs = 60_000;
const idleMs = 120_000;

const statuses: Record<Plainly, number> = { locked: 503, unknown: 404, ended: 410, renewed: 409 };
export const plainlyOf = (status: number): Plainly | null =>
  (Object.entries(statuses).find(([, one]) => one === status)?.[0] as Plainly | undefined) ?? null;

export interface DoorServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * HTTP on loopback, behind a port of the mesh that one contact reaches: a question is the body of a POST, its answer the body of
 * what comes back. Nothing but whole, bounded messages is read; paths mean nothing.
 *
 * @param port 0 lets the system choose @throws an error with code EADDRINUSE
 */
export async function openDoorServer(
  port: number,
  answer: (question: Uint8Array, signal: AbortSignal) => Promise<Uint8Array | Plainly>,
  failed: (error: unknown) => void,
  traffic?: Traffic,
): Promise<DoorServer> {
  let answering = 0;
  const refuse = (response: ServerResponse, status: number): void => {
    response.writeHead(status, { 'content-length': 0, connection: status === 503 ? 'keep-alive' : 'close' }).end();
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const length = Number(request.headers['content-length'] ?? Number.NaN);
    if (request.method !== 'POST') return refuse(response, 405);
    if (!Number.isSafeInteger(length) || length < 1) return refuse(response, 411);
    if (length > messageMostBytes) return refuse(response, 413);
    if (answering >= questionsMost) return refuse(response, 429);
    answering++;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      const question = new Uint8Array(length);
      let at = 0;
      for await (const piece of request as AsyncIterable<Uint8Array>) {
        if (at + piece.length > length) return refuse(response, 400);
        question.set(piece, at);
        at += piece.length;
        await traffic?.down.take(piece.length);
      }
      if (at !== length) return refuse(response, 400);
      const said = await answer(question, gone.signal);
      if (gone.signal.aborted) return;
      if (typeof said === 'string') return refuse(response, statuses[said]);
      response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': said.length });
      await pipeline(Readable.from(pacedSlices(traffic?.up, said)), response);
    } finally {
      answering--;
    }
  };
  const server = createServer(
    { maxHeaderSize: headerBytes, requestTimeout: questionMs, headersTimeout: 20_000, keepAliveTimeout: idleMs },
    (request, response) => {
      serve(request, response).catch((error: unknown) => {
        if (!response.destroyed && !request.errored) failed(error);
        response.destroy();
      });
    },
  );
  server.maxConnections = connectionsMost;
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port }, resolve);
  });
  server.on('error', failed);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
