import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

export const xmlHead = '<?xml version="1.0" encoding="utf-8"?>\n';
const xmlType = 'application/xml; charset=utf-8';

export function replyXml(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}) {
  response.writeHead(status, { ...headers, 'Content-Type': xmlType, 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

export function replyEmpty(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, status === 204 ? headers : { ...headers, 'Content-Length': 0 });
  response.end();
}

/** Write a piece and wait while the client takes none. @throws when it has gone */
async function writePiece(response: ServerResponse, piece: string | Uint8Array, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!response.write(piece)) await once(response, 'drain', { signal });
}

/** The same, and wait until the system has taken it: the bytes may be used for something else then. */
export function flushPiece(response: ServerResponse, piece: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: Error | null): void => {
      signal.removeEventListener('abort', gone);
      if (error) reject(error);
      else resolve();
    };
    const gone = (): void => end(signal.reason as Error);
    if (signal.aborted) return gone();
    signal.addEventListener('abort', gone);
    response.write(piece, end);
  });
}

/** How much text is gathered before it goes out. */
const gather = 64 * 1024;

/** A document that is made while it is sent: no more of it is held than the client is behind by. */
export async function streamXml(
  response: ServerResponse,
  status: number,
  pieces: Iterable<string>,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(status, { 'Content-Type': xmlType });
  let text = xmlHead;
  for (const piece of pieces) {
    text += piece;
    if (text.length < gather) continue;
    await writePiece(response, text, signal);
    text = '';
    // Others get their turn also while a client takes as fast as this is made.
    await new Promise((resolve) => setImmediate(resolve));
  }
  signal.throwIfAborted();
  response.end(text);
}
